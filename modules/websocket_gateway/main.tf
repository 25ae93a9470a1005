locals {
  partition  = data.aws_partition.this.partition
  region     = data.aws_region.this.id
  account_id = data.aws_caller_identity.this.account_id

  role             = var.role != null ? var.role : one(module.statement_role[*].role)
  principal_prefix = "arn:${local.partition}:sts::${local.account_id}:assumed-role/${var.role != null ? var.role.name : "${var.name_prefix}-gateway"}/"

  # Redshift creates the user of an IAM identity at its first login. All other users exist already.
  logs_in_as_role = var.redshift.secret_arn == null && try(var.redshift.cluster.user, null) == null
  database_user = (
    var.redshift.secret_arn != null ? null :
    local.logs_in_as_role ? "IAMR:${local.role.name}" : var.redshift.cluster.user
  )

  # Not read from the function, because its own environment and policy contain it.
  deliver_function     = "${var.name_prefix}-gateway-deliver"
  deliver_function_arn = "arn:${local.partition}:lambda:${local.region}:${local.account_id}:function:${local.deliver_function}"

  environment = {
    TABLE               = aws_dynamodb_table.this.name
    MANAGEMENT_ENDPOINT = local.management_endpoint
    DELIVER_FUNCTION    = local.deliver_function
    ANSWERS_BUCKET      = aws_s3_bucket.answers.id
    WORK_QUEUE          = aws_sqs_queue.work.url
    AUTHORIZATION       = var.authorization.mode
    ALLOWED_ORIGINS     = jsonencode(var.allowed_origins)
    MAX_OPEN_REQUESTS   = tostring(var.max_open_requests)
    MAX_MESSAGE_BYTES   = tostring(var.max_message_bytes)

    OUTGOING_MESSAGE_BYTES = tostring(var.outgoing_message_bytes)

    MAX_RUNNING_STATEMENTS = tostring(var.max_running_statements)
    MAX_RUNNING_PER_PERSON = var.max_running_statements_per_person == null ? "" : tostring(var.max_running_statements_per_person)

    MAX_CONNECTIONS_PER_PERSON = var.max_connections_per_person == null ? "" : tostring(var.max_connections_per_person)
    MAX_STARTS_PER_PERSON      = var.max_starts_per_person == null ? "" : tostring(var.max_starts_per_person)

    GROUPS_CLAIM    = var.groups_claim
    CLAIMS          = jsonencode(local.claims)
    URL_CREDENTIALS = jsonencode(local.url_credentials)
    VERSIONED       = length(var.data_version_events) > 0 ? "true" : "false"
  }
}

data "aws_partition" "this" {}

data "aws_region" "this" {}

data "aws_caller_identity" "this" {}

# A separate role, so that the gateway has only the permissions of PUBLIC and what it was granted. Both functions share it, because only the role
# that submitted a statement may read its result.
module "statement_role" {
  source = "../statement_role"
  count  = var.role == null ? 1 : 0

  name_prefix          = var.name_prefix
  name                 = "gateway"
  redshift             = var.redshift
  database_roles       = var.database_roles
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
  description          = "Handles the WebSocket routes and tickets, and starts statements without waiting for them"
  handler              = "websocket_gateway.socket_handler.handle"
  timeout_seconds      = 29 # API Gateway waits no longer
  memory_mb            = var.memory_mb.socket
  reserved_concurrency = var.reserved_concurrency.socket
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

module "deliver" {
  source = "../lambda_function"

  name_prefix          = var.name_prefix
  name                 = "gateway-deliver"
  description          = "Pushes answers to clients, refreshes live queries, recovers what was missed"
  handler              = "websocket_gateway.deliver_handler.handle"
  timeout_seconds      = 300 # may exceed a lease, which is renewed while rows are being sent
  memory_mb            = var.memory_mb.deliver
  reserved_concurrency = var.reserved_concurrency.deliver
  role                 = local.role
  policies             = { gateway = data.aws_iam_policy_document.gateway.json }
  failure_queue        = {}
  event_rules          = local.event_rule_arns
  schedule_role        = { name = "gateway-sweep", group_arn = aws_scheduler_schedule_group.sweep.arn }
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

# The first login, after which the role's user can be granted permissions. CREATE USER would need a superuser and fails if
# the user exists. The function does nothing if no login is needed. A count is not possible: whether there is a secret may
# be unknown during plan.
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

# The gateway's user must be able to run each query: EXPLAIN finds unknown columns and missing grants, and fails the apply.
resource "aws_lambda_invocation" "check" {
  count = var.check_queries && length(var.queries) > 0 ? 1 : 0

  function_name   = module.deliver.function_name
  lifecycle_scope = "CREATE_ONLY"

  input = jsonencode({
    action    = "check_queries"
    queries   = { for name, definition in local.definitions : name => sha256(definition) }
    database  = var.redshift.database
    warehouse = try(var.redshift.cluster.identifier, var.redshift.workgroup.arn)
    user      = var.redshift.secret_arn != null ? var.redshift.secret_arn : local.database_user
    wait_for  = var.wait_for
    revision  = var.revision

    # For the message of a missing permission.
    grants = local.grants
  })

  depends_on = [aws_dynamodb_table_item.query, aws_lambda_invocation.login, module.deliver]
}
