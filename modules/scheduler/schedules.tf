locals {
  # Scheduler replaces this text with the time of the occurrence. jsonencode() would escape it as \u003c...\u003e, which
  # Scheduler does not recognize.
  scheduled_time = "<aws.scheduler.scheduled-time>"

  schedule_inputs = { for key, schedule in local.schedules : key => replace(
    jsonencode({
      action         = "schedule"
      load           = schedule.load
      trigger        = schedule.trigger
      scheduled_time = local.scheduled_time
    }),
    jsonencode(local.scheduled_time),
    "\"${local.scheduled_time}\"",
  ) }
}

resource "aws_scheduler_schedule_group" "this" {
  name = "${var.name_prefix}-scheduler"
  tags = var.tags
}

resource "aws_scheduler_schedule" "this" {
  for_each = local.schedules

  name                         = each.key
  group_name                   = aws_scheduler_schedule_group.this.name
  schedule_expression          = each.value.expression
  schedule_expression_timezone = each.value.timezone
  state                        = each.value.enabled ? "ENABLED" : "DISABLED"
  start_date                   = each.value.start
  end_date                     = each.value.end
  kms_key_arn                  = var.kms_key_arn

  flexible_time_window {
    mode                      = each.value.flexible_window_minutes == null ? "OFF" : "FLEXIBLE"
    maximum_window_in_minutes = each.value.flexible_window_minutes
  }

  target {
    arn      = module.function.function_arn
    role_arn = module.function.schedule_role_arn
    input    = local.schedule_inputs[each.key]

    retry_policy {
      maximum_retry_attempts       = each.value.retry.max_attempts
      maximum_event_age_in_seconds = each.value.retry.max_age_seconds
    }

    dead_letter_config {
      arn = module.function.failure_queue_arn
    }
  }

  depends_on = [terraform_data.wait_for, aws_dynamodb_table_item.load]
}

# Redshift sends events on a best-effort basis, and functions can die: the sweep finds what was left.
resource "aws_scheduler_schedule" "sweep" {
  name                = "sweep"
  description         = "Looks after the loads of ${var.name_prefix}"
  group_name          = aws_scheduler_schedule_group.this.name
  schedule_expression = "rate(1 minute)"
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
