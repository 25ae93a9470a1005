# Ranges of large passes. Each message is worked off by one invocation; the sweep sends again what is lost.
resource "aws_sqs_queue" "work" {
  name                              = "${var.name_prefix}-gateway-work"
  message_retention_seconds         = 86400
  sqs_managed_sse_enabled           = var.kms_key_arn == null ? true : null
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = var.kms_key_arn == null ? null : 3600
  tags                              = var.tags

  # Six times the function's timeout: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
  visibility_timeout_seconds = 360

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.work_failures.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sqs_queue" "work_failures" {
  name                              = "${var.name_prefix}-gateway-work-failures"
  message_retention_seconds         = 1209600
  sqs_managed_sse_enabled           = var.kms_key_arn == null ? true : null
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = var.kms_key_arn == null ? null : 3600
  tags                              = var.tags
}

module "worker" {
  source = "../lambda_function"

  name_prefix          = var.name_prefix
  name                 = "gateway-worker"
  description          = "Pushes an answer to one range of many clients"
  handler              = "websocket_gateway.worker_handler.handle"
  timeout_seconds      = 60
  memory_mb            = var.memory_mb.worker
  reserved_concurrency = null # the event source mapping bounds it
  role                 = local.role
  redshift             = var.redshift
  package              = var.package
  default_package      = "${path.module}/package.zip"
  log_level            = var.log_level
  environment          = local.environment

  permissions_boundary = var.permissions_boundary
  log_retention_days   = var.log_retention_days
  kms_key_arn          = var.kms_key_arn
  alarm_actions        = var.alarm_actions
  tags                 = var.tags
}

resource "aws_lambda_event_source_mapping" "work" {
  event_source_arn = aws_sqs_queue.work.arn
  function_name    = module.worker.function_arn
  batch_size       = 1
  tags             = var.tags

  scaling_config {
    maximum_concurrency = var.max_workers
  }

  # Lambda checks the role's permissions for the queue.
  depends_on = [module.deliver]
}

resource "aws_cloudwatch_metric_alarm" "work_failures" {
  alarm_name          = "${var.name_prefix}-gateway-work-failures"
  alarm_description   = "Ranges of clients did not get an answer: ${aws_sqs_queue.work_failures.name} has messages. The log group of ${module.worker.function_name} has the reason. What to do: modules/lambda_function/README.md#when-something-is-wrong, work_failures."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.work_failures.name }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = var.tags
}
