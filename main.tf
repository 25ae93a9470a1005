locals {
  # What the example's SQL files leave open.
  data_variables = var.data == null ? {} : {
    s3_uri           = var.data.s3_uri
    s3_region        = var.data.region
    copy_role        = var.data.copy_role == "default" ? "default" : "'${var.data.copy_role}'"
    copy_compression = var.data.gzip ? "GZIP" : ""
  }
}

# One role submits and reads all statements of the pipeline: it owns the objects, loads them, and may ask why a load failed.
module "statement_role" {
  source = "./modules/statement_role"

  name_prefix          = var.name_prefix
  redshift             = var.redshift
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
  template_variables   = merge(local.data_variables, var.template_variables)
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
  schedules            = var.schedules
  package              = var.packages.scheduler
  log_level            = var.log_level
  permissions_boundary = var.permissions_boundary
  log_retention_days   = var.log_retention_days
  kms_key_arn          = var.kms_key_arn
  alarm_actions        = var.alarm_actions
  tags                 = var.tags

  # A schedule must not call a procedure that is not there yet, nor end without anybody being told.
  after = concat(module.warehouse_objects.applied, module.notifier.target_ids)
}

module "notifier" {
  source = "./modules/notifier"

  name_prefix               = var.name_prefix
  redshift                  = var.redshift
  role                      = module.statement_role.role
  load_not_started_prefixes = [var.name_prefix]
  create_topic              = var.create_topic
  topic_arn                 = var.topic_arn
  subscriptions             = var.subscriptions
  sweep_interval_minutes    = var.sweep_interval_minutes
  package                   = var.packages.notifier
  log_level                 = var.log_level
  permissions_boundary      = var.permissions_boundary
  log_retention_days        = var.log_retention_days
  kms_key_arn               = var.kms_key_arn
  alarm_actions             = var.alarm_actions
  tags                      = var.tags

  sources = {
    # The second is the notifier's own question why a COPY failed: its end carries the message on.
    pipeline = {
      principal_prefixes      = [module.statement_role.principal_prefix]
      statement_name_prefixes = ["${var.name_prefix}/load/", "${var.name_prefix}/load-errors/"]
    }
  }
}
