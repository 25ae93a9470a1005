locals {
  function_name = "${var.name_prefix}-${var.name}"

  # A zip cannot be looked into by Terraform: the sources it was built from stand in the same checkout.
  relay_version = trimspace(file("${path.module}/../../functions/relay/VERSION"))

  role = {
    name = var.role != null ? var.role.name : one(aws_iam_role.this[*].name)
    arn  = var.role != null ? var.role.arn : one(aws_iam_role.this[*].arn)
  }

  # Written rather than read from the queue, which takes the provider 25 s to make: nothing but its users waits for it.
  failure_queue_name = "${local.function_name}-failures"
  failure_queue_arn  = var.failure_queue == null ? null : "arn:${data.aws_partition.this.partition}:sqs:${data.aws_region.this.id}:${data.aws_caller_identity.this.account_id}:${local.failure_queue_name}"
}

data "aws_partition" "this" {}

data "aws_region" "this" {}

data "aws_caller_identity" "this" {}

resource "aws_cloudwatch_log_group" "this" {
  # checkov:skip=CKV_AWS_338:how long logs are kept is the caller's decision
  name              = "/aws/lambda/${local.function_name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_lambda_function" "this" {
  # checkov:skip=CKV_AWS_50:statements and runs are followed by their ids, in logs and events, also where X-Ray does not reach
  # checkov:skip=CKV_AWS_116:what was given up goes to the on-failure destination, which unlike a dead-letter queue tells why
  # checkov:skip=CKV_AWS_117:it calls APIs of AWS only, never into the warehouse's network
  # checkov:skip=CKV_AWS_272:the package is pinned by its SHA-256
  function_name = local.function_name
  description   = var.description
  role          = local.role.arn

  filename          = var.package.path
  s3_bucket         = var.package.s3_bucket
  s3_key            = var.package.s3_key
  s3_object_version = var.package.s3_object_version
  source_code_hash  = var.package.sha256 != null ? var.package.sha256 : filebase64sha256(var.package.path)

  handler                        = var.handler
  runtime                        = var.runtime
  architectures                  = ["arm64"]
  timeout                        = var.timeout_seconds
  memory_size                    = var.memory_mb
  reserved_concurrent_executions = var.reserved_concurrency == null ? -1 : var.reserved_concurrency
  kms_key_arn                    = var.kms_key_arn

  environment {
    variables = var.environment
  }

  tags = merge(var.tags, { "redshift-relay:version" = local.relay_version })

  # Lambda would make a log group of its own, without retention; and a first invocation must not outrun its rights.
  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy.function, aws_iam_role_policy.this]
}

resource "aws_sqs_queue" "failures" {
  count = var.failure_queue != null ? 1 : 0

  name                      = local.failure_queue_name
  policy                    = one(data.aws_iam_policy_document.failures[*].json)
  message_retention_seconds = 1209600
  kms_master_key_id         = var.kms_key_arn
  sqs_managed_sse_enabled   = var.kms_key_arn == null ? true : null
  tags                      = var.tags
}

resource "aws_lambda_function_event_invoke_config" "this" {
  count = var.failure_queue != null ? 1 : 0

  function_name                = aws_lambda_function.this.function_name
  maximum_retry_attempts       = var.failure_queue.max_attempts
  maximum_event_age_in_seconds = var.failure_queue.max_age_seconds

  destination_config {
    on_failure {
      destination = aws_sqs_queue.failures[0].arn
    }
  }
}

resource "aws_lambda_permission" "rule" {
  for_each = var.event_rules

  statement_id  = "rule-${each.key}"
  function_name = aws_lambda_function.this.function_name
  action        = "lambda:InvokeFunction"
  principal     = "events.amazonaws.com"
  source_arn    = each.value
}

resource "aws_cloudwatch_metric_alarm" "function" {
  for_each = {
    errors    = { metric = "Errors", says = "failed" }
    throttles = { metric = "Throttles", says = "was throttled" }
  }

  alarm_name          = "${local.function_name}-${each.key}"
  alarm_description   = "Function ${local.function_name} ${each.value.says}; its log group says why."
  namespace           = "AWS/Lambda"
  metric_name         = each.value.metric
  dimensions          = { FunctionName = local.function_name }
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "failures" {
  count = var.failure_queue != null ? 1 : 0

  alarm_name          = "${local.function_name}-failures"
  alarm_description   = "Queue ${local.function_name}-failures holds events that were given up: read them, mend the cause, invoke again, delete them."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = local.failure_queue_name }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = var.tags
}
