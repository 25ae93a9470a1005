# Sources of the metrics:
# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
# https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html
locals {
  # The page of all alarms. A test holds every alarm to its paragraph there.
  what_to_do = "What to do: modules/lambda_function/README.md#when-something-is-wrong,"

  function_dimensions = { FunctionName = local.function_name }

  alarms = merge(
    {
      errors = {
        metric      = ["AWS/Lambda", "Errors"]
        dimensions  = local.function_dimensions
        description = "Function ${local.function_name} failed. Its log group holds the reason."
      }
      throttles = {
        metric      = ["AWS/Lambda", "Throttles"]
        dimensions  = local.function_dimensions
        description = "Function ${local.function_name} was throttled. Raise reserved_concurrency or the account's concurrency limit."
      }
    },
    var.failure_queue == null ? {} : {
      failures = {
        metric      = ["AWS/SQS", "ApproximateNumberOfMessagesVisible"]
        dimensions  = { QueueName = local.failure_queue_name }
        description = "Queue ${local.failure_queue_name} holds events whose retries are exhausted. Read them, fix the cause, invoke the function again and delete them."
      }
      dropped = {
        metric      = ["AWS/Lambda", "AsyncEventsDropped"]
        dimensions  = local.function_dimensions
        description = "Lambda dropped events for function ${local.function_name} after their retries or their maximum age. Queue ${local.failure_queue_name} should hold them."
      }
      undelivered = {
        metric      = ["AWS/Lambda", "DestinationDeliveryFailures"]
        dimensions  = local.function_dimensions
        description = "Lambda could not send events of function ${local.function_name} to queue ${local.failure_queue_name}. They are lost. Check the permissions of the function's role."
      }
    },
    { for key, arn in var.failure_queue == null ? {} : var.event_rules : "${key}-dead-letters" => {
      metric      = ["AWS/Events", "InvocationsFailedToBeSentToDlq"]
      dimensions  = { RuleName = reverse(split("/", arn))[0] }
      description = "Rule ${reverse(split("/", arn))[0]} could not send events to queue ${local.failure_queue_name}. They are lost. Check the policy of the queue."
    } },
    { for role in local.schedule_roles : "schedule-dead-letters" => {
      metric      = ["AWS/Scheduler", "InvocationsFailedToBeSentToDeadLetterCount"]
      dimensions  = { ScheduleGroup = reverse(split("/", role.group_arn))[0] }
      description = "A schedule of group ${reverse(split("/", role.group_arn))[0]} could not send an invocation to queue ${local.failure_queue_name}. It is lost. Check the permissions of role ${var.name_prefix}-${role.name}."
    } },
  )
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${local.function_name}-${replace(each.key, "_", "-")}"
  alarm_description   = "${each.value.description} ${local.what_to_do} ${endswith(each.key, "-dead-letters") && each.key != "schedule-dead-letters" ? "rule-dead-letters" : each.key}."
  namespace           = each.value.metric[0]
  metric_name         = each.value.metric[1]
  dimensions          = each.value.dimensions
  statistic           = each.value.metric[0] == "AWS/SQS" ? "Maximum" : "Sum"
  period              = 60
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = var.tags
}
