# Metrics that the functions write to their logs in CloudWatch's embedded metric format: functions/relay/metrics.py.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Alarms.html
locals {
  metric_namespace = "RedshiftRelay"

  metric_alarms = {
    backlog = {
      metric      = "Backlog"
      threshold   = var.alarm_thresholds.backlog
      description = "Answers of ${var.name_prefix} exist that did not reach everybody who waits for them, for three minutes. The log group of the deliver function holds the reason. If there is none, raise reserved_concurrency or memory_mb."
    }
    lag = {
      metric      = "EventLag"
      threshold   = var.alarm_thresholds.event_lag_seconds
      description = "Completion events reach the deliver function of ${var.name_prefix} late, for three minutes. Check its throttles and reserved_concurrency."
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "metrics" {
  for_each = local.metric_alarms

  alarm_name          = "${var.name_prefix}-gateway-${each.key}"
  alarm_description   = "${each.value.description} What to do: modules/lambda_function/README.md#when-something-is-wrong, ${each.key}."
  namespace           = local.metric_namespace
  metric_name         = each.value.metric
  dimensions          = { NamePrefix = var.name_prefix }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 3
  threshold           = each.value.threshold
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = var.tags
}
