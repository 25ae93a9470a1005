locals {
  role = var.role != null ? var.role : one(module.statement_role[*].role)

  # One for each copy: two copies in one database are two users, and the table belongs to one of them.
  history_table = var.history_table != null ? var.history_table : "public.redshift_relay_history_${replace(var.name_prefix, "-", "_")}"

  # A secret names its own user.
  user = (
    var.redshift.secret_arn != null ? var.redshift.secret_arn :
    try(var.redshift.cluster.user, null) != null ? var.redshift.cluster.user : "IAMR:${local.role.name}"
  )

  # In the order in which they run: V files by number, then R files by name.
  all_names = [for key in sort([
    for name in fileset(var.directory, "*.sql") : join(" ", [
      try(join(".", [for n in split(".", replace(regex("^V([0-9._]*[0-9])__", name)[0], "_", ".")) : format("%010d", tonumber(n))]), "R"),
      name,
    ])
  ]) : split(" ", key)[1]]

  # Line ends are made equal, so that a checkout on Windows does not look like a change.
  rendered = { for name in local.all_names : name => replace(templatefile("${var.directory}/${name}", var.template_variables), "\r\n", "\n") }

  # A condition in a file may leave it out; a file that is empty by itself is a mistake, which the function refuses.
  names = [for name in local.all_names : name if trimspace(local.rendered[name]) != "" || trimspace(file("${var.directory}/${name}")) == ""]
  files = [for name in local.names : { name = name, sql = local.rendered[name] }]
}

module "statement_role" {
  source = "../statement_role"
  count  = var.role == null ? 1 : 0

  name_prefix          = var.name_prefix
  name                 = "warehouse-objects"
  redshift             = var.redshift
  permissions_boundary = var.permissions_boundary
  log_retention_days   = var.log_retention_days
  kms_key_arn          = var.kms_key_arn
  alarm_actions        = var.alarm_actions
  tags                 = var.tags
}

module "function" {
  source = "../lambda_function"

  name_prefix     = var.name_prefix
  name            = "warehouse-objects"
  description     = "Applies SQL files to Redshift and waits for their end"
  handler         = "warehouse_objects.handler.handle"
  timeout_seconds = 900 # Lambda's maximum; what runs alone may take longer, and the next apply waits for it
  role            = local.role

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

# CREATE_ONLY: a changed input replaces the invocation, which runs it again; one that fails is not in the state and so is
# planned again; destroy invokes nothing. (Under CRUD a failed update would stay in the state as done.)
resource "aws_lambda_invocation" "this" {
  function_name   = module.function.function_name
  lifecycle_scope = "CREATE_ONLY"

  input = jsonencode({
    action        = "apply_objects"
    files         = local.files
    history_table = local.history_table

    # The function knows these from its environment. They stand here so that objects that move are made where they move to.
    database  = var.redshift.database
    warehouse = try(var.redshift.cluster.identifier, var.redshift.workgroup.arn)
    user      = local.user
    revision  = var.revision
  })

  # Everything of the function, so that its rights are there before it runs.
  depends_on = [module.function, module.statement_role]
}
