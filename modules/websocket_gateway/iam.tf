# Permissions of both functions in addition to the statement role's.
data "aws_iam_policy_document" "gateway" {
  statement {
    sid       = "Table"
    actions   = ["dynamodb:GetItem", "dynamodb:Query"]
    resources = [aws_dynamodb_table.this.arn]
  }

  # Not the catalog, which only Terraform writes.
  statement {
    sid       = "TableWrites"
    actions   = ["dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
    resources = [aws_dynamodb_table.this.arn]

    condition {
      test     = "ForAllValues:StringLike"
      variable = "dynamodb:LeadingKeys"
      values   = ["C#*", "Q#*", "RUNNING", "T#*", "VERSION"]
    }
  }

  statement {
    sid       = "Indexes"
    actions   = ["dynamodb:Query"]
    resources = [for index in ["live", "pending"] : "${aws_dynamodb_table.this.arn}/index/${index}"]
  }

  # The last part is the connection id.
  statement {
    sid       = "Connections"
    actions   = ["execute-api:ManageConnections"]
    resources = [for method in ["DELETE", "GET", "POST"] : "${aws_apigatewayv2_api.websocket.execution_arn}/${var.stage_name}/${method}/@connections/*"]
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
