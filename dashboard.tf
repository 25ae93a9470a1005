# One page over loads, notifier and gateway: what runs, what failed, and what waits in a dead-letter queue.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
data "aws_region" "this" {}

locals {
  dashboard_functions = merge(
    {
      scheduler         = module.scheduler.function_name
      notifier          = module.notifier.function_name
      warehouse_objects = module.warehouse_objects.function_name
    },
    one(module.websocket_gateway[*].function_names),
  )

  dashboard_log_groups = concat(
    [module.scheduler.log_group_name, module.notifier.log_group_name, module.warehouse_objects.log_group_name],
    var.gateway == null ? [] : values(module.websocket_gateway[0].log_group_names),
  )

  # Title => metrics, each as CloudWatch has it: namespace, name, dimensions and options.
  dashboard_metrics = merge(
    {
      "Errors"             = [for name in values(local.dashboard_functions) : ["AWS/Lambda", "Errors", "FunctionName", name]]
      "Invocations"        = [for name in values(local.dashboard_functions) : ["AWS/Lambda", "Invocations", "FunctionName", name]]
      "Throttles"          = [for name in values(local.dashboard_functions) : ["AWS/Lambda", "Throttles", "FunctionName", name]]
      "Dead letters"       = [for url in values(local.dashboard_failure_queues) : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", reverse(split("/", url))[0]]]
      "Completions"        = [for name in values(module.notifier.rule_names) : ["AWS/Events", "Invocations", "RuleName", name]]
      "Failed deliveries"  = [for name in values(module.notifier.rule_names) : ["AWS/Events", "FailedInvocations", "RuleName", name]]
      "Messages published" = [["AWS/SNS", "NumberOfNotificationsDelivered", "TopicName", reverse(split(":", module.notifier.topic_arn))[0]], ["AWS/SNS", "NumberOfNotificationsFailed", "TopicName", reverse(split(":", module.notifier.topic_arn))[0]]]
    },
    { for gateway in module.websocket_gateway : "Gateway" => [
      for metric in ["ConnectCount", "MessageCount", "ExecutionError", "IntegrationError"] :
      ["AWS/ApiGateway", metric, "ApiId", gateway.api_id, "Stage", gateway.stage_name]
    ] },
  )

  dashboard_failure_queues = merge(
    { scheduler = module.scheduler.failure_queue_url, notifier = module.notifier.failure_queue_url },
    { for gateway in module.websocket_gateway : "deliver" => gateway.failure_queue_url },
  )
}

resource "aws_cloudwatch_dashboard" "this" {
  count = var.dashboard ? 1 : 0

  dashboard_name = "${var.name_prefix}-relay"
  dashboard_body = jsonencode({
    widgets = concat(
      [
        {
          type   = "text"
          width  = 24
          height = 2
          properties = {
            markdown = "# ${var.name_prefix}\nWhat to do about an alarm: modules/lambda_function/README.md#when-something-is-wrong"
          }
        },
        {
          type   = "log"
          width  = 24
          height = 6
          properties = {
            title  = "Log lines with level ERROR"
            region = data.aws_region.this.id
            view   = "table"
            query  = join(" | ", concat([for group in local.dashboard_log_groups : "SOURCE '${group}'"], ["fields @timestamp, @log, message, statement_name, reason, error", "filter level = 'ERROR'", "sort @timestamp desc", "limit 50"]))
          }
        },
      ],
      [for title, metrics in local.dashboard_metrics : {
        type   = "metric"
        width  = 8
        height = 6
        properties = {
          title   = title
          region  = data.aws_region.this.id
          view    = "timeSeries"
          stat    = title == "Dead letters" ? "Maximum" : "Sum"
          period  = 60
          metrics = metrics
        }
      }],
    )
  })
}
