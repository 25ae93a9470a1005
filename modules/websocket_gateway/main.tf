locals {
  partition  = data.aws_partition.this.partition
  region     = data.aws_region.this.id
  account_id = data.aws_caller_identity.this.account_id

  role             = var.role != null ? var.role : one(module.statement_role[*].role)
  principal_prefix = "arn:${local.partition}:sts::${local.account_id}:assumed-role/${var.role != null ? var.role.name : "${var.name_prefix}-gateway"}/"

  # Redshift makes the user of an IAM identity when it logs in first; all other users are there already.
  logs_in_as_role = var.redshift.secret_arn == null && try(var.redshift.cluster.user, null) == null
  database_user = (
    var.redshift.secret_arn != null ? null :
    local.logs_in_as_role ? "IAMR:${local.role.name}" : var.redshift.cluster.user
  )

  # Written rather than read from the function, which both functions and the policy of their role name.
  deliver_function     = "${var.name_prefix}-gateway-deliver"
  deliver_function_arn = "arn:${local.partition}:lambda:${local.region}:${local.account_id}:function:${local.deliver_function}"

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
    TABLE               = aws_dynamodb_table.this.name
    REDSHIFT_DATABASE   = var.redshift.database
    REDSHIFT_CLUSTER    = try(var.redshift.cluster.identifier, null)
    REDSHIFT_USER       = try(var.redshift.cluster.user, null)
    REDSHIFT_WORKGROUP  = try(var.redshift.workgroup.name, null)
    REDSHIFT_SECRET_ARN = var.redshift.secret_arn
    MANAGEMENT_ENDPOINT = local.management_endpoint
    DELIVER_FUNCTION    = local.deliver_function
    AUTHORIZATION       = var.authorization.mode
    ALLOWED_ORIGINS     = jsonencode(var.allowed_origins)
    MAX_OPEN_REQUESTS   = tostring(var.max_open_requests)
    MAX_MESSAGE_BYTES   = tostring(var.max_message_bytes)
    GROUPS_CLAIM        = var.groups_claim
    CLAIMS              = jsonencode(local.claims)
    URL_CREDENTIALS     = jsonencode(local.url_credentials)
    VERSIONED           = length(var.data_version_events) > 0 ? "true" : "false"
  } : name => value if value != null }
}

data "aws_partition" "this" {}

data "aws_region" "this" {}

data "aws_caller_identity" "this" {}

# A role of its own, so that the gateway reads what it was granted and nothing else. Both functions share it: only the
# role that submitted a statement may read its result.
module "statement_role" {
  source = "../statement_role"
  count  = var.role == null ? 1 : 0

  name_prefix          = var.name_prefix
  name                 = "gateway"
  redshift             = var.redshift
  optional_actions     = []
  permissions_boundary = var.permissions_boundary
  log_retention_days   = var.log_retention_days
  kms_key_arn          = var.kms_key_arn
  alarm_actions        = var.alarm_actions
  tags                 = var.tags
}

module "socket" {
  source = "../lambda_function"

  name_prefix          = var.name_prefix
  name                 = "gateway-socket"
  description          = "Routes of the WebSocket API and tickets: starts statements, never waits for them"
  handler              = "websocket_gateway.socket_handler.handle"
  timeout_seconds      = 29 # as long as API Gateway waits
  memory_mb            = var.memory_mb.socket
  reserved_concurrency = var.reserved_concurrency.socket
  role                 = local.role
  package              = local.package
  environment          = local.environment

  permissions_boundary = var.permissions_boundary
  log_retention_days   = var.log_retention_days
  kms_key_arn          = var.kms_key_arn
  alarm_actions        = var.alarm_actions
  tags                 = var.tags
}

module "deliver" {
  source = "../lambda_function"

  name_prefix          = var.name_prefix
  name                 = "gateway-deliver"
  description          = "Pushes answers to all who wait, follows new data, sweeps what was missed"
  handler              = "websocket_gateway.deliver_handler.handle"
  timeout_seconds      = 300 # a lease is renewed while rows are on their way, so this may be longer than a lease
  memory_mb            = var.memory_mb.deliver
  reserved_concurrency = var.reserved_concurrency.deliver
  role                 = local.role
  policies             = { gateway = data.aws_iam_policy_document.gateway.json }
  failure_queue        = {}
  event_rules          = local.event_rule_arns
  package              = local.package
  environment          = local.environment

  permissions_boundary = var.permissions_boundary
  log_retention_days   = var.log_retention_days
  kms_key_arn          = var.kms_key_arn
  alarm_actions        = var.alarm_actions
  tags                 = var.tags
}

# The first login, after which the role's user can be granted something. CREATE USER would take a superuser, and fail
# where the user is there already. The function does nothing when no login is needed: a count would have to be known while
# a secret is only being made.
resource "aws_lambda_invocation" "login" {
  function_name   = module.deliver.function_name
  lifecycle_scope = "CREATE_ONLY"

  input = jsonencode({
    action        = "log_in"
    needed        = local.logs_in_as_role
    database      = var.redshift.database
    warehouse     = try(var.redshift.cluster.identifier, var.redshift.workgroup.arn)
    database_user = local.database_user
    revision      = var.revision
  })

  depends_on = [module.statement_role]
}
