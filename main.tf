locals {
  # Template variables of the example's SQL files.
  data_variables = var.data == null ? {} : {
    s3_uri           = var.data.s3_uri
    s3_region        = var.data.region
    copy_role        = var.data.copy_role == "default" ? "default" : "'${var.data.copy_role}'"
    copy_compression = var.data.gzip ? "GZIP" : ""
  }

  # gateway_user waits until the user exists and can be granted permissions. It is null without a gateway and with a secret.
  template_variables = merge(
    local.data_variables,
    # By index: a splat would wait for the whole module, whose check of the queries waits for these objects.
    { gateway_user = var.gateway == null ? null : module.websocket_gateway[0].database_user },
    var.template_variables,
  )

  # Without gateway_user, so that the queries do not wait for the gateway's first login.
  query_variables = merge(local.data_variables, var.template_variables)

  # By default the gateway signs in with its own IAM identity. It never signs in as the owner of the objects.
  gateway_redshift = {
    database           = var.redshift.database
    cluster            = var.redshift.cluster == null ? null : { identifier = var.redshift.cluster.identifier, user = try(var.gateway.database_user, null) }
    workgroup          = var.redshift.workgroup
    secret_arn         = try(var.gateway.secret_arn, null)
    secret_kms_key_arn = try(var.gateway.secret_kms_key_arn, null)
  }

  # The console may connect without being listed. [*].origins would depend on the whole module, which is a cycle.
  page_origins    = var.console == null ? [] : module.web_console[0].origins
  other_origins   = try(var.gateway.allowed_origins, null) == null ? [] : var.gateway.allowed_origins
  allowed_origins = contains(local.other_origins, "*") ? ["*"] : concat(local.other_origins, local.page_origins)

  # Every load may change answers, also a failed or cancelled one: its COMMIT may have come before the failure. If not, the
  # queries run once in vain.
  load_ended = jsonencode({
    source      = ["redshift-relay"]
    detail-type = ["Load Finished", "Load Failed"]
    detail      = { name_prefix = [var.name_prefix] }
  })
}

# One role submits and reads all statements of the pipeline. Its database user owns the objects, loads them and may query
# why a load failed.
module "statement_role" {
  source = "./modules/statement_role"

  name_prefix          = var.name_prefix
  redshift             = var.redshift
  database_roles       = var.database_roles
  permissions_boundary = var.permissions_boundary
  log_retention_days   = var.log_retention_days
  kms_key_arn          = var.kms_key_arn
  alarm_actions        = var.alarm_actions
  tags                 = var.tags
}

module "warehouse_objects" {
  source = "./modules/warehouse_objects"

  name_prefix          = var.name_prefix
  redshift             = var.redshift
  role                 = module.statement_role.role
  directory            = var.objects_directory != null ? var.objects_directory : "${path.module}/sql/objects"
  template_variables   = local.template_variables
  history_table        = var.history_table
  revision             = var.revision
  package              = var.packages.warehouse_objects
  log_level            = var.log_level
  permissions_boundary = var.permissions_boundary
  log_retention_days   = var.log_retention_days
  kms_key_arn          = var.kms_key_arn
  alarm_actions        = var.alarm_actions
  tags                 = var.tags
}

module "scheduler" {
  source = "./modules/scheduler"

  name_prefix          = var.name_prefix
  redshift             = var.redshift
  role                 = module.statement_role.role
  loads                = var.loads
  package              = var.packages.scheduler
  log_level            = var.log_level
  permissions_boundary = var.permissions_boundary
  log_retention_days   = var.log_retention_days
  kms_key_arn          = var.kms_key_arn
  alarm_actions        = var.alarm_actions
  tags                 = var.tags

  # A schedule must not fire before the procedure exists and the notifier receives events.
  wait_for = concat(module.warehouse_objects.applied, module.notifier.target_ids)
}

module "notifier" {
  source = "./modules/notifier"

  name_prefix          = var.name_prefix
  redshift             = var.redshift
  role                 = module.statement_role.role
  load_prefixes        = [var.name_prefix]
  create_topic         = var.create_topic
  topic_arn            = var.topic_arn
  subscriptions        = var.subscriptions
  create_chat_topic    = var.create_chat_topic
  package              = var.packages.notifier
  log_level            = var.log_level
  permissions_boundary = var.permissions_boundary
  log_retention_days   = var.log_retention_days
  kms_key_arn          = var.kms_key_arn
  alarm_actions        = var.alarm_actions
  tags                 = var.tags
}

module "websocket_gateway" {
  source = "./modules/websocket_gateway"
  count  = var.gateway == null ? 0 : 1

  name_prefix         = var.name_prefix
  redshift            = local.gateway_redshift
  database_roles      = var.gateway.database_roles == null ? [] : var.gateway.database_roles
  authorization       = var.gateway.authorization
  allowed_origins     = local.allowed_origins
  queries             = local.queries
  check_queries       = var.gateway.check_queries
  revision            = var.revision
  data_version_events = merge({ load = local.load_ended }, var.gateway.data_version_events)
  throttle            = var.gateway.throttle
  alarm_thresholds    = var.gateway.alarm_thresholds
  max_open_requests   = var.gateway.max_open_requests
  max_message_bytes   = var.gateway.max_message_bytes

  outgoing_message_bytes = var.gateway.outgoing_message_bytes

  max_running_statements            = var.gateway.max_running_statements
  max_running_statements_per_person = var.gateway.max_running_statements_per_person

  groups_claim                 = var.gateway.groups_claim
  stage_name                   = var.gateway.stage_name
  access_logs                  = var.gateway.access_logs
  management_endpoint          = var.gateway.management_endpoint
  websocket_url                = var.gateway.websocket_url
  ticket_url                   = var.gateway.ticket_url
  disable_execute_api_endpoint = var.gateway.disable_execute_api_endpoint
  deletion_protection          = var.gateway.deletion_protection
  memory_mb                    = var.gateway.memory_mb
  reserved_concurrency         = var.gateway.reserved_concurrency
  package                      = var.packages.websocket_gateway
  log_level                    = var.log_level
  permissions_boundary         = var.permissions_boundary
  log_retention_days           = var.log_retention_days
  kms_key_arn                  = var.kms_key_arn
  alarm_actions                = var.alarm_actions
  tags                         = var.tags

  # The objects wait for the gateway's first login, and the check of its queries for the objects.
  wait_for = module.warehouse_objects.applied
}

module "web_console" {
  source = "./modules/web_console"
  count  = var.console == null ? 0 : 1

  name_prefix          = var.name_prefix
  title                = var.console.title
  websocket_url        = module.websocket_gateway[0].websocket_url
  ticket_url           = module.websocket_gateway[0].ticket_url
  authorization        = { mode = module.websocket_gateway[0].authorization_mode, oidc = var.console.oidc }
  connect_sources      = var.console.connect_sources
  domain               = var.console.domain
  web_acl_arn          = var.console.web_acl_arn
  access_logs_bucket   = var.console.access_logs_bucket
  price_class          = var.console.price_class
  wait_for_deployment  = var.console.wait_for_deployment
  permissions_boundary = var.permissions_boundary
  log_retention_days   = var.log_retention_days
  kms_key_arn          = var.kms_key_arn
  alarm_actions        = var.alarm_actions
  tags                 = var.tags
}
