# The role under which EventBridge Scheduler invokes the function.

locals {
  schedule_roles = var.schedule_role == null ? [] : [var.schedule_role]
}

data "aws_iam_policy_document" "schedule_trust" {
  count = length(local.schedule_roles)

  statement {
    sid     = "Scheduler"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.this.account_id]
    }

    # Scheduler passes the ARN of the schedule group, not of the schedule.
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [local.schedule_roles[count.index].group_arn]
    }
  }
}

data "aws_iam_policy_document" "schedule" {
  count = length(local.schedule_roles)

  statement {
    sid       = "Invoke"
    actions   = ["lambda:InvokeFunction"]
    resources = [aws_lambda_function.this.arn]
  }

  statement {
    sid       = "DeadLetters"
    actions   = ["sqs:SendMessage"]
    resources = [local.failure_queue_arn]
  }

  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]

    content {
      sid       = "Key"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [statement.value]
    }
  }
}

resource "aws_iam_role" "schedule" {
  count = length(local.schedule_roles)

  name                 = "${var.name_prefix}-${local.schedule_roles[count.index].name}"
  description          = "Schedules of ${var.name_prefix}: invoke function ${local.function_name}"
  assume_role_policy   = data.aws_iam_policy_document.schedule_trust[count.index].json
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags
}

resource "aws_iam_role_policy" "schedule" {
  count = length(local.schedule_roles)

  name   = aws_iam_role.schedule[count.index].name
  role   = aws_iam_role.schedule[count.index].name
  policy = data.aws_iam_policy_document.schedule[count.index].json
}
