locals {
  role_name  = "${var.name_prefix}-${var.name}"
  partition  = data.aws_partition.this.partition
  region     = data.aws_region.this.id
  account_id = data.aws_caller_identity.this.account_id

  cluster_id = try(var.redshift.cluster.identifier, null)
  user       = try(var.redshift.cluster.user, null)

  # Each kind of access needs a permission of its own to get credentials.
  access = (
    var.redshift.secret_arn != null ? "secret" :
    var.redshift.workgroup != null ? "workgroup" :
    local.user != null ? "user" : "iam"
  )

  batch = contains(var.optional_actions, "BatchExecuteStatement") ? ["redshift-data:BatchExecuteStatement"] : []
  list  = contains(var.optional_actions, "ListStatements") ? ["redshift-data:ListStatements"] : []

  redshift_arn = "arn:${local.partition}:redshift:${local.region}:${local.account_id}"
  target_arn   = var.redshift.workgroup != null ? var.redshift.workgroup.arn : "${local.redshift_arn}:cluster:${local.cluster_id}"
  secret_key   = var.redshift.secret_arn == null ? null : try(coalesce(var.redshift.secret_kms_key_arn, var.kms_key_arn), null)

  database_user = {
    secret    = null
    user      = local.user
    iam       = "IAMR:${local.role_name}"
    workgroup = "IAMR:${local.role_name}"
  }[local.access]
}

data "aws_partition" "this" {}

data "aws_region" "this" {}

data "aws_caller_identity" "this" {}

resource "aws_iam_role" "this" {
  name                 = local.role_name
  description          = "Submits and reads the statements of ${var.name_prefix} in Redshift"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.permissions_boundary
  tags                 = merge(var.tags, length(var.database_roles) == 0 ? {} : { RedshiftDbRoles = join(":", var.database_roles) })
}

resource "aws_iam_role_policy" "this" {
  name   = "${local.role_name}-redshift"
  role   = aws_iam_role.this.name
  policy = data.aws_iam_policy_document.this.json
}
