locals {
  # Redshift's own events come to this bus and no other, so the notifier listens here.
  event_bus     = "default"
  event_bus_arn = "arn:${data.aws_partition.this.partition}:events:${data.aws_region.this.id}:${data.aws_caller_identity.this.account_id}:event-bus/${local.event_bus}"
}

# What could not be started is told by an event.
data "aws_iam_policy_document" "events" {
  statement {
    sid       = "LoadNotStarted"
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
      values   = ["Load Not Started"]
    }
  }
}

data "aws_iam_policy_document" "schedules_trust" {
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

    # Scheduler gives the ARN of the group, not of the schedule.
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_scheduler_schedule_group.this.arn]
    }
  }
}

data "aws_iam_policy_document" "schedules" {
  statement {
    sid       = "Invoke"
    actions   = ["lambda:InvokeFunction"]
    resources = [module.function.function_arn]
  }

  statement {
    sid       = "DeadLetters"
    actions   = ["sqs:SendMessage"]
    resources = [module.function.failure_queue_arn]
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

resource "aws_iam_role" "schedules" {
  name                 = "${var.name_prefix}-schedules"
  description          = "Schedules of ${var.name_prefix}: may invoke the scheduler function"
  assume_role_policy   = data.aws_iam_policy_document.schedules_trust.json
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags
}

resource "aws_iam_role_policy" "schedules" {
  name   = "${var.name_prefix}-schedules"
  role   = aws_iam_role.schedules.name
  policy = data.aws_iam_policy_document.schedules.json
}
