# Messages of the function to itself, delivered seconds later: it looks up why a COPY failed, and never waits for SQL.
resource "aws_sqs_queue" "steps" {
  count = var.redshift == null ? 0 : 1

  name = "${var.name_prefix}-notifier-steps"

  # Six times the function's timeout: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
  visibility_timeout_seconds = 6 * local.timeout_seconds
  kms_master_key_id          = var.kms_key_arn
  sqs_managed_sse_enabled    = var.kms_key_arn == null ? true : null
  tags                       = var.tags
}

# Not in the queue, which the function waits for: it would wait for the failure queue as well.
resource "aws_sqs_queue_redrive_policy" "steps" {
  count = var.redshift == null ? 0 : 1

  queue_url = aws_sqs_queue.steps[0].id
  redrive_policy = jsonencode({
    deadLetterTargetArn = module.function.failure_queue_arn
    maxReceiveCount     = 5
  })
}

resource "aws_lambda_event_source_mapping" "steps" {
  count = var.redshift == null ? 0 : 1

  event_source_arn = aws_sqs_queue.steps[0].arn
  function_name    = module.function.function_arn
  batch_size       = 1
}
