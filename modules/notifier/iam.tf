data "aws_iam_policy_document" "announce" {
  statement {
    sid       = "Publish"
    actions   = ["sns:Publish"]
    resources = concat([local.topic_arn], aws_sns_topic.chat[*].arn)
  }

  statement {
    sid       = "Announcements"
    actions   = ["dynamodb:BatchGetItem", "dynamodb:PutItem"]
    resources = [aws_dynamodb_table.announcements.arn]
  }

  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]

    content {
      sid       = "TopicAndTableKey"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
      resources = [statement.value]
    }
  }
}

# With a role of its own, the function describes statements of others where Redshift allows it. Otherwise the message
# lacks the error text. DescribeStatement supports no resource but "*".
data "aws_iam_policy_document" "describe" {
  count = var.role == null ? 1 : 0

  statement {
    sid       = "Describe"
    actions   = ["redshift-data:DescribeStatement"]
    resources = ["*"]
  }
}

# The function sends itself messages that are delivered later, and reads them.
data "aws_iam_policy_document" "steps" {
  count = var.redshift == null ? 0 : 1

  statement {
    sid       = "Steps"
    actions   = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:SendMessage"]
    resources = [local.steps_queue_arn]
  }
}
