locals {
  topic_arn = var.create_topic ? one(aws_sns_topic.this[*].arn) : var.topic_arn

  # Redshift lists statements only to the role that submitted them.
  sweep = var.role != null && var.sweep_interval_minutes != null

  # The notifier asks Redshift why a COPY failed: the end of its question carries the message on.
  own_questions = var.redshift == null ? [] : ["${var.name_prefix}/load-errors/"]

  # Redshift's own events come to this bus and no other, so whoever hears of them listens here.
  event_bus     = "default"
  event_bus_arn = "arn:${data.aws_partition.this.partition}:events:${data.aws_region.this.id}:${data.aws_caller_identity.this.account_id}:event-bus/${local.event_bus}"

  # load_not_started cannot be a key of the caller's: those have no underscore.
  event_rule_arns = merge(
    { for key, rule in aws_cloudwatch_event_rule.finished : key => rule.arn },
    { for rule in aws_cloudwatch_event_rule.load_not_started : "load_not_started" => rule.arn },
  )

  rule_names = merge(
    { for key, rule in aws_cloudwatch_event_rule.finished : key => rule.name },
    { for rule in aws_cloudwatch_event_rule.load_not_started : "load_not_started" => rule.name },
  )
}

data "aws_partition" "this" {}

data "aws_region" "this" {}

data "aws_caller_identity" "this" {}

module "function" {
  source = "../lambda_function"

  name_prefix          = var.name_prefix
  name                 = "notifier"
  description          = "Tells people how a statement in Redshift ended"
  handler              = "notifier.handler.handle"
  timeout_seconds      = 45 # less than the 90 s for which an announcement in the making is left alone
  reserved_concurrency = var.reserved_concurrency
  role                 = var.role
  failure_queue        = {}
  event_rules          = local.event_rule_arns

  policies = merge(
    { announce = data.aws_iam_policy_document.announce.json },
    { for document in data.aws_iam_policy_document.describe : "describe" => document.json },
    { for document in data.aws_iam_policy_document.events : "events" => document.json },
  )

  package = var.package != null ? var.package : {
    path              = "${path.module}/package.zip"
    s3_bucket         = null
    s3_key            = null
    s3_object_version = null
    sha256            = null
  }

  environment = merge(
    {
      NAME_PREFIX         = var.name_prefix
      LOG_LEVEL           = var.log_level
      TOPIC_ARN           = local.topic_arn
      ANNOUNCEMENTS_TABLE = aws_dynamodb_table.announcements.name
    },
    local.sweep ? { EVENT_BUS = local.event_bus } : {},
    { for name, value in {
      REDSHIFT_DATABASE   = try(var.redshift.database, null)
      REDSHIFT_CLUSTER    = try(var.redshift.cluster.identifier, null)
      REDSHIFT_USER       = try(var.redshift.cluster.user, null)
      REDSHIFT_WORKGROUP  = try(var.redshift.workgroup.name, null)
      REDSHIFT_SECRET_ARN = try(var.redshift.secret_arn, null)
    } : name => value if value != null },
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

# Not at the topic, which the caller's alarm_actions may name: that would be a circle.
resource "terraform_data" "alarms" {
  lifecycle {
    precondition {
      condition     = var.kms_key_arn != null || !anytrue([for action in var.alarm_actions : contains(aws_sns_topic.this[*].arn, action)])
      error_message = "alarm_actions: CloudWatch cannot publish to this module's topic while AWS's own key alias/aws/sns encrypts it, and alarms would be lost without a word. Set kms_key_arn to a key whose policy lets cloudwatch.amazonaws.com use kms:Decrypt and kms:GenerateDataKey*, or name another topic."
    }
  }
}

resource "aws_sns_topic_subscription" "this" {
  for_each = var.subscriptions

  topic_arn              = local.topic_arn
  protocol               = each.value.protocol
  endpoint               = each.value.endpoint
  filter_policy          = each.value.filter_policy
  filter_policy_scope    = each.value.filter_policy_scope
  raw_message_delivery   = each.value.raw_message_delivery
  subscription_role_arn  = each.value.subscription_role_arn
  endpoint_auto_confirms = each.value.endpoint_auto_confirms
}

# What was announced, so that a repeated event says nothing twice.
resource "aws_dynamodb_table" "announcements" {
  # checkov:skip=CKV_AWS_28:it can be lost without harm, at worst something is told again
  # checkov:skip=CKV_AWS_119:the key is the caller's decision; without one DynamoDB encrypts with its own
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

  # Without a key of the caller's, DynamoDB encrypts with a key that it owns.
  server_side_encryption {
    enabled     = var.kms_key_arn != null
    kms_key_arn = var.kms_key_arn
  }
}
