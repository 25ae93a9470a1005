# The scheduler puts these events when a load has ended for good, or was not started.
resource "aws_cloudwatch_event_rule" "loads" {
  count = length(var.load_prefixes) > 0 ? 1 : 0

  name        = "${var.name_prefix}-load-events"
  description = "Loads that ended or were not started"
  tags        = var.tags

  event_pattern = jsonencode({
    source      = ["redshift-relay"]
    detail-type = ["Load Finished", "Load Failed", "Load Not Started"]
    detail      = { name_prefix = var.load_prefixes }
  })
}

resource "aws_cloudwatch_event_rule" "finished" {
  for_each = var.sources

  name        = "${var.name_prefix}-statements-${each.key}"
  description = "Completed Redshift statements: ${each.key}"
  tags        = var.tags

  event_pattern = jsonencode({
    source      = ["aws.redshift-data"]
    detail-type = ["Redshift Data Statement Status Change"]
    detail = merge(
      { state = ["FINISHED", "FAILED", "ABORTED"] },
      length(each.value.principal_prefixes) == 0 ? {} : {
        principal = [for prefix in each.value.principal_prefixes : { prefix = prefix }]
      },
      length(each.value.statement_name_prefixes) == 0 ? {} : {
        statementName = [for prefix in distinct(each.value.statement_name_prefixes) : { prefix = prefix }]
      },
    )
  })
}

resource "aws_cloudwatch_event_target" "this" {
  for_each = local.rule_names

  rule      = each.value
  target_id = "notifier"
  arn       = module.function.function_arn

  retry_policy {
    maximum_retry_attempts       = 185
    maximum_event_age_in_seconds = 21600
  }

  dead_letter_config {
    arn = module.function.failure_queue_arn
  }
}
