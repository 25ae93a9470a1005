locals {
  event_bus_arn = "arn:${data.aws_partition.this.partition}:events:${data.aws_region.this.id}:${data.aws_caller_identity.this.account_id}:event-bus/${local.event_bus}"
}

# The function reports how loads end.
data "aws_iam_policy_document" "events" {
  statement {
    sid       = "LoadEvents"
    actions   = ["events:PutEvents"]
    resources = [local.event_bus_arn]

    # As in AWS's example for PutEvents. ForAllValues alone would also match a request without the key.
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-example-policy-cross-account-custom-bus-source.html
    dynamic "condition" {
      for_each = {
        "events:source"      = ["redshift-relay"]
        "events:detail-type" = ["Load Failed", "Load Finished", "Load Not Started"]
      }

      content {
        test     = "ForAllValues:StringEquals"
        variable = condition.key
        values   = condition.value
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

data "aws_iam_policy_document" "state" {
  statement {
    sid       = "Loads"
    actions   = ["dynamodb:GetItem", "dynamodb:Query"]
    resources = [aws_dynamodb_table.loads.arn]
  }

  # Not the definitions, which only Terraform writes.
  statement {
    sid       = "LoadsWrites"
    actions   = ["dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
    resources = [aws_dynamodb_table.loads.arn]

    condition {
      test     = "ForAllValues:StringLike"
      variable = "dynamodb:LeadingKeys"
      values   = ["LANE#*", "LANES", "LOAD#*", "TODO"]
    }
  }

  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]

    content {
      sid       = "LoadsKey"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
      resources = [statement.value]
    }
  }
}

data "aws_iam_policy_document" "timers" {
  statement {
    sid       = "Timers"
    actions   = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:SendMessage"]
    resources = [aws_sqs_queue.timers.arn]
  }

  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]

    content {
      sid       = "TimersKey"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [statement.value]
    }
  }
}
