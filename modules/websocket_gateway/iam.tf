# Permissions of the functions in addition to the statement role's.
data "aws_iam_policy_document" "gateway" {
  statement {
    sid       = "Table"
    actions   = ["dynamodb:GetItem", "dynamodb:Query"]
    resources = [aws_dynamodb_table.this.arn]
  }

  # Not the catalog, which only Terraform writes.
  statement {
    sid       = "TableWrites"
    actions   = ["dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
    resources = [aws_dynamodb_table.this.arn]

    condition {
      test     = "ForAllValues:StringLike"
      variable = "dynamodb:LeadingKeys"
      values   = ["A#*", "C#*", "Q#*", "RUNNING", "T#*", "TURN", "U#*", "VERSION"]
    }
  }

  statement {
    sid       = "Indexes"
    actions   = ["dynamodb:Query"]
    resources = [for index in ["live", "pending"] : "${aws_dynamodb_table.this.arn}/index/${index}"]
  }

  statement {
    sid       = "Answers"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${aws_s3_bucket.answers.arn}/answers/*"]
  }

  # Without it a missing object looks like a forbidden one:
  # https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
  statement {
    sid       = "MissingAnswers"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.answers.arn]
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

  statement {
    sid       = "Work"
    actions   = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:SendMessage"]
    resources = [aws_sqs_queue.work.arn]
  }

  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]

    content {
      sid       = "DataKey"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
      resources = [statement.value]
    }
  }
}
