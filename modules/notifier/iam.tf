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

# The sweep also puts an event for a load whose completion event was lost.
data "aws_iam_policy_document" "events" {
  count = local.sweep ? 1 : 0

  statement {
    sid       = "LoadEnded"
    actions   = ["events:PutEvents"]
    resources = [local.event_bus_arn]

    # As in AWS's example for PutEvents. ForAllValues alone would also match a request without the key.
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-example-policy-cross-account-custom-bus-source.html
    dynamic "condition" {
      for_each = { "events:source" = "redshift-relay", "events:detail-type" = "Load Ended" }

      content {
        test     = "ForAllValues:StringEquals"
        variable = condition.key
        values   = [condition.value]
      }
    }

    dynamic "condition" {
      for_each = ["events:source", "events:detail-type"]

      content {
        test     = "Null"
        variable = condition.value
        values   = ["false"]
      }
    }
  }
}
