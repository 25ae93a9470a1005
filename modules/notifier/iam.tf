data "aws_iam_policy_document" "announce" {
  statement {
    sid       = "Publish"
    actions   = ["sns:Publish"]
    resources = [local.topic_arn]
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

# A role of its own asks too, and tells the statement without its error text when Redshift refuses. IAM knows no
# resource for DescribeStatement.
data "aws_iam_policy_document" "describe" {
  count = var.role == null ? 1 : 0

  statement {
    sid       = "Describe"
    actions   = ["redshift-data:DescribeStatement"]
    resources = ["*"]
  }
}

# A load whose completion event never came is told to others than people too.
data "aws_iam_policy_document" "events" {
  count = local.sweep ? 1 : 0

  statement {
    sid       = "LoadEnded"
    actions   = ["events:PutEvents"]
    resources = [local.event_bus_arn]

    condition {
      test     = "StringEquals"
      variable = "events:source"
      values   = ["redshift-relay"]
    }

    condition {
      test     = "StringEquals"
      variable = "events:detail-type"
      values   = ["Load Ended"]
    }
  }
}
