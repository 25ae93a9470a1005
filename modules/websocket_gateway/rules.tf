locals {
  # Keys of var.data_version_events have no underscore, so none of them is run_ended.
  event_rule_arns = merge(
    { run_ended = aws_cloudwatch_event_rule.run_ended.arn },
    { for key, rule in aws_cloudwatch_event_rule.data_version : key => rule.arn },
  )

  rule_names = merge(
    { run_ended = aws_cloudwatch_event_rule.run_ended.name },
    { for key, rule in aws_cloudwatch_event_rule.data_version : key => rule.name },
  )
}

resource "aws_cloudwatch_event_rule" "run_ended" {
  name        = "${var.name_prefix}-gateway-run-ended"
  description = "Completed statements of the gateway"
  tags        = var.tags

  event_pattern = jsonencode({
    source      = ["aws.redshift-data"]
    detail-type = ["Redshift Data Statement Status Change"]
    detail = {
      principal     = [{ prefix = local.principal_prefix }]
      state         = ["FINISHED", "FAILED", "ABORTED"]
      statementName = [{ prefix = "${var.name_prefix}/query/" }]
    }
  })
}

resource "aws_cloudwatch_event_rule" "data_version" {
  for_each = var.data_version_events

  name          = "${var.name_prefix}-gateway-data-${each.key}"
  description   = "Changed data for the gateway: ${each.key}"
  event_pattern = each.value
  tags          = var.tags
}

resource "aws_cloudwatch_event_target" "this" {
  for_each = local.rule_names

  rule      = each.value
  target_id = "gateway-deliver"
  arn       = module.deliver.function_arn

  # The function is told by which key of data_version_events the data changed.
  # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
  dynamic "input_transformer" {
    for_each = each.key == "run_ended" ? [] : [each.key]

    content {
      input_template = "{\"data_changed_by\": \"${input_transformer.value}\", \"event\": <aws.events.event.json>}"
    }
  }

  retry_policy {
    maximum_retry_attempts       = 185
    maximum_event_age_in_seconds = 21600
  }

  dead_letter_config {
    arn = module.deliver.failure_queue_arn
  }
}

# Redshift delivers events on a best-effort basis, and functions can be killed. The sweep finds what was missed.
resource "aws_scheduler_schedule_group" "sweep" {
  name = "${var.name_prefix}-gateway"
  tags = var.tags
}

resource "aws_scheduler_schedule" "sweep" {
  name                = "sweep"
  description         = "Recovers runs whose completion event was lost and waiters without an answer"
  group_name          = aws_scheduler_schedule_group.sweep.name
  schedule_expression = "rate(1 minute)"
  kms_key_arn         = var.kms_key_arn

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = module.deliver.function_arn
    role_arn = module.deliver.schedule_role_arn
    input    = jsonencode({ action = "sweep" })

    # The next sweep makes up for one that failed.
    retry_policy {
      maximum_retry_attempts       = 0
      maximum_event_age_in_seconds = 60
    }

    dead_letter_config {
      arn = module.deliver.failure_queue_arn
    }
  }
}
