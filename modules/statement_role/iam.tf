data "aws_iam_policy_document" "trust" {
  statement {
    sid     = "Lambda"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "Submit"
    actions   = concat(["redshift-data:ExecuteStatement"], local.batch)
    resources = [local.target_arn]
  }

  # These actions support no resource but "*". Redshift shows a statement only to the role that submitted it.
  statement {
    sid       = "Read"
    actions   = concat([for action in ["CancelStatement", "DescribeStatement", "GetStatementResult"] : "redshift-data:${action}"], local.list)
    resources = ["*"]
  }

  dynamic "statement" {
    for_each = local.access == "user" ? [local.user] : []

    content {
      sid     = "CredentialsOfUser"
      actions = ["redshift:GetClusterCredentials"]
      resources = [
        "${local.redshift_arn}:dbuser:${local.cluster_id}/${statement.value}",
        "${local.redshift_arn}:dbname:${local.cluster_id}/${var.redshift.database}",
      ]
    }
  }

  dynamic "statement" {
    for_each = local.access == "iam" ? [local.cluster_id] : []

    content {
      sid       = "CredentialsOfRole"
      actions   = ["redshift:GetClusterCredentialsWithIAM"]
      resources = ["${local.redshift_arn}:dbname:${statement.value}/${var.redshift.database}"]
    }
  }

  dynamic "statement" {
    for_each = local.access == "workgroup" ? [local.target_arn] : []

    content {
      sid       = "CredentialsOfWorkgroup"
      actions   = ["redshift-serverless:GetCredentials"]
      resources = [statement.value]
    }
  }

  dynamic "statement" {
    for_each = local.access == "secret" ? [var.redshift.secret_arn] : []

    content {
      sid       = "Secret"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = [statement.value]
    }
  }

  dynamic "statement" {
    for_each = local.secret_key == null ? [] : [local.secret_key]

    content {
      sid       = "SecretKey"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["secretsmanager.${local.region}.${data.aws_partition.this.dns_suffix}"]
      }
    }
  }
}
