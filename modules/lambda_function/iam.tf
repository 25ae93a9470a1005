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

resource "aws_iam_role" "this" {
  count = var.role == null ? 1 : 0

  name                 = local.function_name
  description          = "Function ${local.function_name}"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags
}

# Every function writes to its own log group and its own failure queue, with the key of both.
data "aws_iam_policy_document" "function" {
  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.this.arn}:*"]
  }

  dynamic "statement" {
    for_each = var.failure_queue == null ? [] : [local.failure_queue_arn]

    content {
      sid       = "Failures"
      actions   = ["sqs:SendMessage"]
      resources = [statement.value]
    }
  }

  dynamic "statement" {
    for_each = var.failure_queue == null || var.kms_key_arn == null ? [] : [var.kms_key_arn]

    content {
      sid       = "FailuresKey"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [statement.value]
    }
  }
}

resource "aws_iam_role_policy" "function" {
  name   = "${local.function_name}-function"
  role   = local.role.name
  policy = data.aws_iam_policy_document.function.json
}

resource "aws_iam_role_policy" "this" {
  for_each = var.policies

  name   = "${local.function_name}-${each.key}"
  role   = local.role.name
  policy = each.value
}

data "aws_iam_policy_document" "failures" {
  count = var.failure_queue != null && length(var.event_rules) > 0 ? 1 : 0

  statement {
    sid       = "DeadLettersOfRules"
    actions   = ["sqs:SendMessage"]
    resources = [local.failure_queue_arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = values(var.event_rules)
    }
  }
}
