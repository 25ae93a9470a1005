locals {
  role = var.role != null ? var.role : one(module.statement_role[*].role)

  # Scheduler replaces this text with the time of the occurrence. jsonencode() would escape it as \u003c...\u003e, which
  # Scheduler does not recognize.
  occurrence = "<aws.scheduler.scheduled-time>"

  inputs = { for name, schedule in var.schedules : name => replace(
    jsonencode({
      action     = "execute_sql"
      schedule   = name
      sql        = schedule.sql
      occurrence = local.occurrence
    }),
    jsonencode(local.occurrence),
    "\"${local.occurrence}\"",
  ) }
}

data "aws_partition" "this" {}

data "aws_region" "this" {}

data "aws_caller_identity" "this" {}

module "statement_role" {
  source = "../statement_role"
  count  = var.role == null ? 1 : 0

  name_prefix          = var.name_prefix
  name                 = "scheduler"
  redshift             = var.redshift
  database_roles       = var.database_roles
  permissions_boundary = var.permissions_boundary
  log_retention_days   = var.log_retention_days
  kms_key_arn          = var.kms_key_arn
  alarm_actions        = var.alarm_actions
  tags                 = var.tags
}

module "function" {
  source = "../lambda_function"

  name_prefix          = var.name_prefix
  name                 = "scheduler"
  description          = "Starts a statement in Redshift without waiting for it"
  handler              = "scheduler.handler.handle"
  timeout_seconds      = 60
  reserved_concurrency = var.reserved_concurrency
  role                 = local.role
  redshift             = var.redshift
  policies             = { events = data.aws_iam_policy_document.events.json }
  environment          = { EVENT_BUS = local.event_bus }
  failure_queue        = {}
  schedule_role        = { name = "schedules", group_arn = aws_scheduler_schedule_group.this.arn }
  package              = var.package
  default_package      = "${path.module}/package.zip"
  log_level            = var.log_level

  permissions_boundary = var.permissions_boundary
  log_retention_days   = var.log_retention_days
  kms_key_arn          = var.kms_key_arn
  alarm_actions        = var.alarm_actions
  tags                 = var.tags
}

# Only the schedules wait. A depends_on for the whole module would delay its function and defer its policies to apply.
resource "terraform_data" "wait_for" {
  input = var.wait_for
}

resource "aws_scheduler_schedule_group" "this" {
  name = "${var.name_prefix}-scheduler"
  tags = var.tags
}

resource "aws_scheduler_schedule" "this" {
  for_each = var.schedules

  name                         = each.key
  group_name                   = aws_scheduler_schedule_group.this.name
  schedule_expression          = each.value.schedule_expression
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
    input    = local.inputs[each.key]

    retry_policy {
      maximum_retry_attempts       = each.value.retry.max_attempts
      maximum_event_age_in_seconds = each.value.retry.max_age_seconds
    }

    dead_letter_config {
      arn = module.function.failure_queue_arn
    }
  }

  lifecycle {
    precondition {
      condition     = length(local.schedule_mistakes[each.key]) == 0
      error_message = join("\n", local.schedule_mistakes[each.key])
    }
  }

  depends_on = [terraform_data.wait_for]
}
