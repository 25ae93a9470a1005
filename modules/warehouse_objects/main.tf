locals {
  role = var.role != null ? var.role : one(module.statement_role[*].role)

  # One table per name prefix: two deployments in one database run as two users, and only one can own a table.
  history_table = var.history_table != null ? var.history_table : "public.redshift_relay_history_${replace(var.name_prefix, "-", "_")}"

  # A secret names its own user.
  user = (
    var.redshift.secret_arn != null ? var.redshift.secret_arn :
    try(var.redshift.cluster.user, null) != null ? var.redshift.cluster.user : "IAMR:${local.role.name}"
  )

  # In execution order: V files by version, then R files by name.
  all_names = [for key in sort([
    for name in fileset(var.directory, "*.sql") : join(" ", [
      try(join(".", [for n in split(".", replace(regex("^V([0-9._]*[0-9])__", name)[0], "_", ".")) : format("%010d", tonumber(n))]), "R"),
      name,
    ])
  ]) : split(" ", key)[1]]

  # With LF line endings, so that a checkout on Windows is not a change.
  rendered = { for name in local.all_names : name => replace(templatefile("${var.directory}/${name}", var.template_variables), "\r\n", "\n") }

  # A condition can render a file empty, which leaves it out. The function rejects a file that is empty as written.
  names = [for name in local.all_names : name if trimspace(local.rendered[name]) != "" || trimspace(file("${var.directory}/${name}")) == ""]
  files = [for name in local.names : { name = name, sql = local.rendered[name] }]
}

module "statement_role" {
  source = "../statement_role"
  count  = var.role == null ? 1 : 0

  name_prefix          = var.name_prefix
  name                 = "warehouse-objects"
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

  name_prefix     = var.name_prefix
  name            = "warehouse-objects"
  description     = "Applies SQL files to Redshift and waits until they have run"
  handler         = "warehouse_objects.handler.handle"
  timeout_seconds = 900 # Lambda's maximum. A nontransactional file may take longer: the next apply waits for it.
  role            = local.role
  redshift        = var.redshift
  package         = var.package
  default_package = "${path.module}/package.zip"
  log_level       = var.log_level

  reserved_concurrency = var.reserved_concurrency
  permissions_boundary = var.permissions_boundary
  log_retention_days   = var.log_retention_days
  kms_key_arn          = var.kms_key_arn
  alarm_actions        = var.alarm_actions
  tags                 = var.tags
}

# CREATE_ONLY: a changed input replaces the invocation, which runs it again. A failed invocation is not in the state, so
# the next plan repeats it. Destroy invokes nothing. (Under CRUD, a failed update would be in the state as done.)
resource "aws_lambda_invocation" "this" {
  function_name   = module.function.function_name
  lifecycle_scope = "CREATE_ONLY"

  input = jsonencode({
    action        = "apply_objects"
    files         = local.files
    history_table = local.history_table

    # For the message of a missing permission. The user exists by then: the function has signed in.
    grants = [for grant in local.grants : grant if startswith(grant, "GRANT ")]

    # The function reads these from its environment. Here they replace the invocation when the objects move elsewhere.
    database  = var.redshift.database
    warehouse = try(var.redshift.cluster.identifier, var.redshift.workgroup.arn)
    user      = local.user
    revision  = var.revision
  })

  # All of the module, so that the function has its permissions before it runs.
  depends_on = [module.function, module.statement_role]
}
