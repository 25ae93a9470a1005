locals {
  role = var.role != null ? var.role : one(module.statement_role[*].role)

  # The form of the principal in the completion events of statements that this role has submitted.
  principal_prefix      = "arn:${data.aws_partition.this.partition}:sts::${data.aws_caller_identity.this.account_id}:assumed-role/${local.role.name}/"
  statement_name_prefix = "${var.name_prefix}/load/"

  # Redshift sends its events to the default bus only, so the rules are there.
  event_bus = "default"

  event_rule_arns = merge(
    { completed = aws_cloudwatch_event_rule.completed.arn },
    { for key, rule in aws_cloudwatch_event_rule.trigger : key => rule.arn },
  )
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
  description          = "Runs loads in Redshift without waiting for them"
  handler              = "scheduler.handler.handle"
  timeout_seconds      = 60
  reserved_concurrency = var.reserved_concurrency
  role                 = local.role
  redshift             = var.redshift
  failure_queue        = {}
  event_rules          = local.event_rule_arns
  schedule_role        = { name = "schedules", group_arn = aws_scheduler_schedule_group.this.arn }
  package              = var.package
  default_package      = "${path.module}/package.zip"
  log_level            = var.log_level

  policies = merge(
    {
      events = data.aws_iam_policy_document.events.json
      state  = data.aws_iam_policy_document.state.json
      timers = data.aws_iam_policy_document.timers.json
    },
    length(local.file_loads) == 0 ? {} : { files = data.aws_iam_policy_document.files.json },
  )

  environment = {
    EVENT_BUS   = local.event_bus
    LOADS_TABLE = aws_dynamodb_table.loads.name
    TIMERS_URL  = aws_sqs_queue.timers.url
  }

  permissions_boundary = var.permissions_boundary
  log_retention_days   = var.log_retention_days
  kms_key_arn          = var.kms_key_arn
  alarm_actions        = var.alarm_actions
  tags                 = var.tags
}

# Only what starts loads waits. A depends_on for the whole module would delay its function and defer its policies to apply.
resource "terraform_data" "wait_for" {
  input = var.wait_for
}
