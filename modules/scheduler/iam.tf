locals {
  # Redshift sends its events to the default bus only, so the notifier's rules are there.
  event_bus     = "default"
  event_bus_arn = "arn:${data.aws_partition.this.partition}:events:${data.aws_region.this.id}:${data.aws_caller_identity.this.account_id}:event-bus/${local.event_bus}"
}

# The function reports a load that it could not start by an event.
data "aws_iam_policy_document" "events" {
  statement {
    sid       = "LoadNotStarted"
    actions   = ["events:PutEvents"]
    resources = [local.event_bus_arn]

    # As in AWS's example for PutEvents. ForAllValues alone would also match a request without the key.
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-example-policy-cross-account-custom-bus-source.html
    dynamic "condition" {
      for_each = { "events:source" = "redshift-relay", "events:detail-type" = "Load Not Started" }

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
