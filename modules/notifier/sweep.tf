# Redshift delivers events on a best-effort basis. The sweep finds loads whose event was lost.
resource "aws_scheduler_schedule_group" "sweep" {
  count = local.sweep ? 1 : 0

  name = "${var.name_prefix}-notifier"
  tags = var.tags
}

resource "aws_scheduler_schedule" "sweep" {
  count = local.sweep ? 1 : 0

  name                = "sweep"
  description         = "Announces loads whose completion event was lost"
  group_name          = aws_scheduler_schedule_group.sweep[0].name
  schedule_expression = var.sweep_interval_minutes == 1 ? "rate(1 minute)" : "rate(${var.sweep_interval_minutes} minutes)"
  kms_key_arn         = var.kms_key_arn

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = module.function.function_arn
    role_arn = module.function.schedule_role_arn
    input    = jsonencode({ action = "sweep" })

    # The next sweep makes up for one that failed.
    retry_policy {
      maximum_retry_attempts       = 0
      maximum_event_age_in_seconds = 60
    }

    dead_letter_config {
      arn = module.function.failure_queue_arn
    }
  }
}
