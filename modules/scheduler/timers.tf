# Delayed messages to the function itself, so that nothing sleeps: when a load is tried again, when files have come.
resource "aws_sqs_queue" "timers" {
  name                       = "${var.name_prefix}-scheduler-timers"
  visibility_timeout_seconds = 360 # six times the timeout of the function: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
  kms_master_key_id          = var.kms_key_arn
  sqs_managed_sse_enabled    = var.kms_key_arn == null ? true : null
  tags                       = var.tags

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.timer_failures.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sqs_queue" "timer_failures" {
  name                      = "${var.name_prefix}-scheduler-timer-failures"
  message_retention_seconds = 1209600
  kms_master_key_id         = var.kms_key_arn
  sqs_managed_sse_enabled   = var.kms_key_arn == null ? true : null
  tags                      = var.tags
}

resource "aws_lambda_event_source_mapping" "timers" {
  event_source_arn        = aws_sqs_queue.timers.arn
  function_name           = module.function.function_name
  batch_size              = 10
  function_response_types = ["ReportBatchItemFailures"]
  tags                    = var.tags
}

resource "aws_cloudwatch_metric_alarm" "timer_failures" {
  alarm_name          = "${var.name_prefix}-scheduler-timer-failures"
  alarm_description   = "Queue ${aws_sqs_queue.timer_failures.name} holds timers that failed. The sweep has done their work; read them for the cause, then delete them. What to do: modules/lambda_function/README.md#when-something-is-wrong, timer_failures."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.timer_failures.name }
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
