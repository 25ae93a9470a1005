# What the functions do beside statements, whose rights come with the role.
data "aws_iam_policy_document" "gateway" {
  statement {
    sid       = "Table"
    actions   = ["dynamodb:GetItem", "dynamodb:Query"]
    resources = [aws_dynamodb_table.this.arn]
  }

  # All but the catalog: what may be asked is Terraform's to write.
  statement {
    sid       = "TableWrites"
    actions   = ["dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
    resources = [aws_dynamodb_table.this.arn]

    condition {
      test     = "ForAllValues:StringLike"
      variable = "dynamodb:LeadingKeys"
      values   = ["C#*", "Q#*", "T#*", "VERSION"]
    }
  }

  statement {
    sid       = "Indexes"
    actions   = ["dynamodb:Query"]
    resources = [for index in ["live", "pending"] : "${aws_dynamodb_table.this.arn}/index/${index}"]
  }

  # The last part is the connection, which is not known before it is there.
  statement {
    sid       = "Connections"
    actions   = ["execute-api:ManageConnections"]
    resources = [for method in ["DELETE", "POST"] : "${aws_apigatewayv2_api.websocket.execution_arn}/${var.stage_name}/${method}/@connections/*"]
  }

  statement {
    sid       = "Deliver"
    actions   = ["lambda:InvokeFunction"]
    resources = [local.deliver_function_arn]
  }

  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]

    content {
      sid       = "TableKey"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
      resources = [statement.value]
    }
  }
}

data "aws_iam_policy_document" "sweep_trust" {
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
      values   = [local.account_id]
    }

    # Scheduler gives the ARN of the group, not of the schedule.
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_scheduler_schedule_group.sweep.arn]
    }
  }
}

data "aws_iam_policy_document" "sweep" {
  statement {
    sid       = "Invoke"
    actions   = ["lambda:InvokeFunction"]
    resources = [module.deliver.function_arn]
  }

  statement {
    sid       = "DeadLetters"
    actions   = ["sqs:SendMessage"]
    resources = [module.deliver.failure_queue_arn]
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

resource "aws_iam_role" "sweep" {
  name                 = "${var.name_prefix}-gateway-sweep"
  description          = "Sweep of ${var.name_prefix}: may invoke the gateway's deliver function"
  assume_role_policy   = data.aws_iam_policy_document.sweep_trust.json
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags
}

resource "aws_iam_role_policy" "sweep" {
  name   = "${var.name_prefix}-gateway-sweep"
  role   = aws_iam_role.sweep.name
  policy = data.aws_iam_policy_document.sweep.json
}
