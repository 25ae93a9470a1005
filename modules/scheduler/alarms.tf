# The sweep measures every minute, whether or not anything runs. So an alarm also fires when a schedule is switched off, and
# after any number of hours: CloudWatch evaluates at most seven days of a metric that only counts finished loads.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html (EvaluationPeriods)
locals {
  # As in functions/scheduler/measures.py.
  load_metrics = { namespace = "RedshiftRelay", waited = "WaitedMinutes", since_finished = "HoursSinceFinished" }

  waiting_loads  = { for name, load in var.loads : name => load.warn_after_minutes if load.warn_after_minutes != null }
  expected_loads = { for name, load in var.loads : name => load.expected_every_hours if load.expected_every_hours != null }

  alarm_mistakes = { for name, load in var.loads : name => flatten([
    load.warn_after_minutes == null ? [] : load.warn_after_minutes >= 1 && floor(load.warn_after_minutes) == load.warn_after_minutes ? [] :
    ["warn_after_minutes: ${load.warn_after_minutes} is out of range. Use a whole number from 1, or omit it for no alarm."],

    load.expected_every_hours == null ? [] : load.expected_every_hours >= 1 && floor(load.expected_every_hours) == load.expected_every_hours ? [] :
    ["expected_every_hours: ${load.expected_every_hours} is out of range. Use a whole number from 1, e.g. 26 for a daily load."],
  ]) }
}

resource "aws_cloudwatch_metric_alarm" "waiting" {
  for_each = local.waiting_loads

  alarm_name          = "${var.name_prefix}-load-${replace(each.key, "_", "-")}-waiting"
  alarm_description   = "A request of load ${each.key} has waited for more than ${each.value} minutes. scripts/relay loads --name-prefix ${var.name_prefix} shows what runs before it, or what is paused. What to do: modules/lambda_function/README.md#when-something-is-wrong, waiting."
  namespace           = local.load_metrics.namespace
  metric_name         = local.load_metrics.waited
  dimensions          = { NamePrefix = var.name_prefix, Load = each.key }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 1
  threshold           = each.value
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "ignore"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "overdue" {
  for_each = local.expected_loads

  alarm_name          = "${var.name_prefix}-load-${replace(each.key, "_", "-")}-overdue"
  alarm_description   = "Load ${each.key} has not finished for more than ${each.value} hours. Its schedule, event or files may have stopped, it may be paused, or it fails. Without data, the sweep of the scheduler has stopped. What to do: modules/lambda_function/README.md#when-something-is-wrong, overdue."
  namespace           = local.load_metrics.namespace
  metric_name         = local.load_metrics.since_finished
  dimensions          = { NamePrefix = var.name_prefix, Load = each.key }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  threshold           = each.value
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "missing"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = var.tags

  # Five minutes without a sweep.
  insufficient_data_actions = var.alarm_actions
}
