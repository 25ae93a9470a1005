locals {
  event_triggers = merge([for name, load in var.loads : { for trigger, event in load.events : "${name}-${trigger}" => {
    load    = name
    trigger = trigger
    pattern = event.pattern
  } }]...)

  # A rule name has at most 64 characters, the longest of these 66.
  rule_names = { for key in keys(local.event_triggers) : key => length("${var.name_prefix}-${key}") <= 64 ? "${var.name_prefix}-${key}" : "${substr("${var.name_prefix}-${key}", 0, 55)}-${substr(sha256(key), 0, 8)}" }

  # EventBridge replaces this text with the whole event. jsonencode() would escape it, and it stands for JSON, not for text.
  # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
  whole_event = "<aws.events.event.json>"
}

# The ends of loads, of this role only. Nobody else takes these events.
resource "aws_cloudwatch_event_rule" "completed" {
  name        = "${var.name_prefix}-loads-completed"
  description = "Loads that have ended in Redshift"
  tags        = var.tags

  event_pattern = jsonencode({
    source      = ["aws.redshift-data"]
    detail-type = ["Redshift Data Statement Status Change"]
    detail = {
      principal     = [{ prefix = local.principal_prefix }]
      state         = ["FINISHED", "FAILED", "ABORTED"]
      statementName = [{ prefix = local.statement_name_prefix }]
    }
  })
}

resource "aws_cloudwatch_event_target" "completed" {
  rule      = aws_cloudwatch_event_rule.completed.name
  target_id = "scheduler"
  arn       = module.function.function_arn

  retry_policy {
    maximum_retry_attempts       = 185
    maximum_event_age_in_seconds = 21600
  }

  dead_letter_config {
    arn = module.function.failure_queue_arn
  }
}

resource "aws_cloudwatch_event_rule" "trigger" {
  for_each = local.event_triggers

  name          = local.rule_names[each.key]
  description   = "Starts load ${each.value.load}: ${each.value.trigger}"
  event_pattern = each.value.pattern
  tags          = var.tags

  depends_on = [aws_dynamodb_table_item.load]
}

resource "aws_cloudwatch_event_target" "trigger" {
  for_each = local.event_triggers

  rule      = aws_cloudwatch_event_rule.trigger[each.key].name
  target_id = "scheduler"
  arn       = module.function.function_arn

  input_transformer {
    input_template = "{\"action\":\"event\",\"load\":\"${each.value.load}\",\"trigger\":\"${each.value.trigger}\",\"event\":${local.whole_event}}"
  }

  retry_policy {
    maximum_retry_attempts       = 185
    maximum_event_age_in_seconds = 86400
  }

  dead_letter_config {
    arn = module.function.failure_queue_arn
  }

  depends_on = [terraform_data.wait_for]
}
