# Redshift's events are best effort: what was missed is looked for by the clock.
resource "aws_scheduler_schedule_group" "sweep" {
  count = local.sweep ? 1 : 0

  name = "${var.name_prefix}-notifier"
  tags = var.tags
}

resource "aws_scheduler_schedule" "sweep" {
  count = local.sweep ? 1 : 0

  name                = "sweep"
  description         = "Announces loads whose event never came"
  group_name          = aws_scheduler_schedule_group.sweep[0].name
  schedule_expression = var.sweep_interval_minutes == 1 ? "rate(1 minute)" : "rate(${var.sweep_interval_minutes} minutes)"
  kms_key_arn         = var.kms_key_arn

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = module.function.function_arn
    role_arn = aws_iam_role.sweep[0].arn
    input    = jsonencode({ action = "sweep" })

    # The next sweep does what this one could not.
    retry_policy {
      maximum_retry_attempts       = 0
      maximum_event_age_in_seconds = 60
    }

    dead_letter_config {
      arn = module.function.failure_queue_arn
    }
  }

  depends_on = [aws_iam_role_policy.sweep]
}

data "aws_iam_policy_document" "sweep_trust" {
  count = local.sweep ? 1 : 0

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
      values   = [aws_scheduler_schedule_group.sweep[0].arn]
    }
  }
}

data "aws_iam_policy_document" "sweep" {
  count = local.sweep ? 1 : 0

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

resource "aws_iam_role" "sweep" {
  count = local.sweep ? 1 : 0

  name                 = "${var.name_prefix}-sweep"
  description          = "Sweep of ${var.name_prefix}: may invoke the notifier function"
  assume_role_policy   = data.aws_iam_policy_document.sweep_trust[0].json
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags
}

resource "aws_iam_role_policy" "sweep" {
  count = local.sweep ? 1 : 0

  name   = "${var.name_prefix}-sweep"
  role   = aws_iam_role.sweep[0].name
  policy = data.aws_iam_policy_document.sweep[0].json
}
