locals {
  role = var.role != null ? var.role : one(module.statement_role[*].role)

  # Scheduler puts the occurrence in place of this text, which it must find as it is. jsonencode() would hand it over
  # as \u003c...\u003e.
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
  description          = "Starts a statement in Redshift and returns at once"
  handler              = "scheduler.handler.handle"
  timeout_seconds      = 60
  reserved_concurrency = var.reserved_concurrency
  role                 = local.role
  policies             = { events = data.aws_iam_policy_document.events.json }
  failure_queue        = {}

  package = var.package != null ? var.package : {
    path              = "${path.module}/package.zip"
    s3_bucket         = null
    s3_key            = null
    s3_object_version = null
    sha256            = null
  }

  environment = { for name, value in {
    NAME_PREFIX         = var.name_prefix
    LOG_LEVEL           = var.log_level
    EVENT_BUS           = local.event_bus
    REDSHIFT_DATABASE   = var.redshift.database
    REDSHIFT_CLUSTER    = try(var.redshift.cluster.identifier, null)
    REDSHIFT_USER       = try(var.redshift.cluster.user, null)
    REDSHIFT_WORKGROUP  = try(var.redshift.workgroup.name, null)
    REDSHIFT_SECRET_ARN = var.redshift.secret_arn
  } : name => value if value != null }

  permissions_boundary = var.permissions_boundary
  log_retention_days   = var.log_retention_days
  kms_key_arn          = var.kms_key_arn
  alarm_actions        = var.alarm_actions
  tags                 = var.tags
}

# depends_on on the whole module would make its function and queue wait, and its policies "known after apply".
resource "terraform_data" "after" {
  input = var.after
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
    role_arn = aws_iam_role.schedules.arn
    input    = local.inputs[each.key]

    retry_policy {
      maximum_retry_attempts       = each.value.retry.max_attempts
      maximum_event_age_in_seconds = each.value.retry.max_age_seconds
    }

    dead_letter_config {
      arn = module.function.failure_queue_arn
    }
  }

  depends_on = [aws_iam_role_policy.schedules, terraform_data.after]
}
