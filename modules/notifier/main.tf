locals {
  topic_arn = var.create_topic ? one(aws_sns_topic.this[*].arn) : var.topic_arn

  timeout_seconds = 45 # below the 90 s for which another invocation leaves a pending announcement untouched

  # Not read from the queue: the function's policy would wait for it.
  steps_queue_arn = "arn:${data.aws_partition.this.partition}:sqs:${data.aws_region.this.id}:${data.aws_caller_identity.this.account_id}:${var.name_prefix}-notifier-steps"

  # Keys of var.sources have no underscore, so none of them is load_events.
  event_rule_arns = merge(
    { for key, rule in aws_cloudwatch_event_rule.finished : key => rule.arn },
    { for rule in aws_cloudwatch_event_rule.loads : "load_events" => rule.arn },
  )

  rule_names = merge(
    { for key, rule in aws_cloudwatch_event_rule.finished : key => rule.name },
    { for rule in aws_cloudwatch_event_rule.loads : "load_events" => rule.name },
  )
}

data "aws_partition" "this" {}

data "aws_region" "this" {}

data "aws_caller_identity" "this" {}

module "function" {
  source = "../lambda_function"

  name_prefix          = var.name_prefix
  name                 = "notifier"
  description          = "Notifies subscribers when a load or a statement in Redshift ends"
  handler              = "notifier.handler.handle"
  timeout_seconds      = local.timeout_seconds
  reserved_concurrency = var.reserved_concurrency
  role                 = var.role
  redshift             = var.redshift
  failure_queue        = {}
  event_rules          = local.event_rule_arns
  package              = var.package
  default_package      = "${path.module}/package.zip"
  log_level            = var.log_level

  policies = merge(
    { announce = data.aws_iam_policy_document.announce.json },
    { for document in data.aws_iam_policy_document.describe : "describe" => document.json },
    { for document in data.aws_iam_policy_document.steps : "steps" => document.json },
  )

  environment = merge(
    { TOPIC_ARN = local.topic_arn, ANNOUNCEMENTS_TABLE = aws_dynamodb_table.announcements.name },
    { for topic in aws_sns_topic.chat : "CHAT_TOPIC_ARN" => topic.arn },
    { for queue in aws_sqs_queue.steps : "STEPS_QUEUE_URL" => queue.url },
  )

  permissions_boundary = var.permissions_boundary
  log_retention_days   = var.log_retention_days
  kms_key_arn          = var.kms_key_arn
  alarm_actions        = var.alarm_actions
  tags                 = var.tags
}

resource "aws_sns_topic" "this" {
  count = var.create_topic ? 1 : 0

  name              = "${var.name_prefix}-notifications"
  kms_master_key_id = var.kms_key_arn == null ? "alias/aws/sns" : var.kms_key_arn
  tags              = var.tags
}

# Amazon Q Developer in chat applications shows only messages in its own schema, so they have a topic of their own.
resource "aws_sns_topic" "chat" {
  count = var.create_chat_topic ? 1 : 0

  name              = "${var.name_prefix}-chat"
  kms_master_key_id = var.kms_key_arn == null ? "alias/aws/sns" : var.kms_key_arn
  tags              = var.tags
}

# Not a precondition of the topic: alarm_actions may refer to the topic, which would be a cycle.
resource "terraform_data" "alarms" {
  lifecycle {
    precondition {
      condition     = var.kms_key_arn != null || !anytrue([for action in var.alarm_actions : contains(aws_sns_topic.this[*].arn, action)])
      error_message = "alarm_actions: CloudWatch cannot publish to this module's topic, because the AWS managed key alias/aws/sns encrypts it. Set kms_key_arn to a key whose policy allows cloudwatch.amazonaws.com kms:Decrypt and kms:GenerateDataKey*, or use another topic."
    }
  }
}

# The loads and statements that were announced, so that a repeated event sends no second message.
resource "aws_dynamodb_table" "announcements" {
  # checkov:skip=CKV_AWS_28:losing the table repeats a message at worst
  # checkov:skip=CKV_AWS_119:the caller decides on the key; without one DynamoDB encrypts with its own
  name         = "${var.name_prefix}-announcements"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "statement"
  tags         = var.tags

  attribute {
    name = "statement"
    type = "S"
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }

  # Without kms_key_arn, DynamoDB encrypts with an AWS owned key.
  server_side_encryption {
    enabled     = var.kms_key_arn != null
    kms_key_arn = var.kms_key_arn
  }
}
