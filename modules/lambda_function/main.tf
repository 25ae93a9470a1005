locals {
  function_name = "${var.name_prefix}-${var.name}"

  # Terraform cannot read a zip. The sources that it was built from are in the same checkout.
  relay_version = trimspace(file("${path.module}/../../functions/relay/VERSION"))

  role = {
    name = var.role != null ? var.role.name : one(aws_iam_role.this[*].name)
    arn  = var.role != null ? var.role.arn : one(aws_iam_role.this[*].arn)
  }

  # Not read from the queue, which the provider takes 25 s to create: only its users wait for it.
  package = var.package != null ? var.package : {
    path              = var.default_package
    s3_bucket         = null
    s3_key            = null
    s3_object_version = null
    sha256            = null
  }

  # As functions/relay reads them. A function without a warehouse has none of the REDSHIFT_* variables.
  environment = merge(
    { NAME_PREFIX = var.name_prefix, LOG_LEVEL = var.log_level },
    { for name, value in {
      REDSHIFT_DATABASE   = try(var.redshift.database, null)
      REDSHIFT_CLUSTER    = try(var.redshift.cluster.identifier, null)
      REDSHIFT_USER       = try(var.redshift.cluster.user, null)
      REDSHIFT_WORKGROUP  = try(var.redshift.workgroup.name, null)
      REDSHIFT_SECRET_ARN = try(var.redshift.secret_arn, null)
    } : name => value if value != null },
    var.environment,
  )

  failure_queue_name = "${local.function_name}-failures"
  failure_queue_arn  = var.failure_queue == null ? null : "arn:${data.aws_partition.this.partition}:sqs:${data.aws_region.this.id}:${data.aws_caller_identity.this.account_id}:${local.failure_queue_name}"
}

data "aws_partition" "this" {}

data "aws_region" "this" {}

data "aws_caller_identity" "this" {}

resource "aws_cloudwatch_log_group" "this" {
  # checkov:skip=CKV_AWS_338:the caller decides on retention
  name              = "/aws/lambda/${local.function_name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_lambda_function" "this" {
  # checkov:skip=CKV_AWS_50:logs and events carry statement and run ids, also where X-Ray does not reach
  # checkov:skip=CKV_AWS_116:an on-failure destination, unlike a dead-letter queue, receives the reason
  # checkov:skip=CKV_AWS_117:the function calls AWS APIs only, nothing inside the warehouse's network
  # checkov:skip=CKV_AWS_272:the package is pinned by its SHA-256
  function_name = local.function_name
  description   = var.description
  role          = local.role.arn

  filename          = local.package.path
  s3_bucket         = local.package.s3_bucket
  s3_key            = local.package.s3_key
  s3_object_version = local.package.s3_object_version
  source_code_hash  = local.package.sha256 != null ? local.package.sha256 : filebase64sha256(local.package.path)

  handler                        = var.handler
  runtime                        = var.runtime
  architectures                  = ["arm64"]
  timeout                        = var.timeout_seconds
  memory_size                    = var.memory_mb
  reserved_concurrent_executions = var.reserved_concurrency == null ? -1 : var.reserved_concurrency
  kms_key_arn                    = var.kms_key_arn

  environment {
    variables = local.environment
  }

  tags = merge(var.tags, { "redshift-relay:version" = local.relay_version })

  # Without the log group, Lambda creates one that never expires. Without the policies, a first invocation is denied.
  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy.function, aws_iam_role_policy.this]
}

resource "aws_sqs_queue" "failures" {
  count = var.failure_queue != null ? 1 : 0

  name                      = local.failure_queue_name
  policy                    = one(data.aws_iam_policy_document.failures[*].json)
  message_retention_seconds = 1209600
  kms_master_key_id         = var.kms_key_arn
  sqs_managed_sse_enabled   = var.kms_key_arn == null ? true : null
  tags                      = var.tags
}

resource "aws_lambda_function_event_invoke_config" "this" {
  count = var.failure_queue != null ? 1 : 0

  function_name                = aws_lambda_function.this.function_name
  maximum_retry_attempts       = var.failure_queue.max_attempts
  maximum_event_age_in_seconds = var.failure_queue.max_age_seconds

  destination_config {
    on_failure {
      destination = aws_sqs_queue.failures[0].arn
    }
  }
}

resource "aws_lambda_permission" "rule" {
  for_each = var.event_rules

  # A generated id, so that an apply after an interrupted one does not find its id taken.
  statement_id_prefix = "rule-${each.key}-"
  function_name       = aws_lambda_function.this.function_name
  action              = "lambda:InvokeFunction"
  principal           = "events.amazonaws.com"
  source_arn          = each.value
}
