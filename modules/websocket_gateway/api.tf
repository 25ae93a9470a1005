locals {
  # Two-way routes: the socket function's return value is the response. $default takes unknown actions and non-JSON messages.
  # API Gateway answers ping by itself.
  messages         = ["$default", "cancel", "catalog", "ping", "query"]
  routes           = concat(["$connect", "$disconnect"], local.messages)
  function_routes  = [for route in local.routes : route if route != "ping"]
  throttled_routes = merge({ "$connect" = { rate = 100, burst = 200 }, ping = { rate = 1000, burst = 2000 } }, var.throttle.routes)

  # Clients use wss://, PostToConnection uses https://.
  management_endpoint = coalesce(var.management_endpoint, "${replace(aws_apigatewayv2_api.websocket.api_endpoint, "/^ws/", "http")}/${var.stage_name}")
  websocket_url       = coalesce(var.websocket_url, "${aws_apigatewayv2_api.websocket.api_endpoint}/${var.stage_name}")

  socket_invoke_arn = "arn:${local.partition}:apigateway:${local.region}:lambda:path/2015-03-31/functions/${module.socket.function_arn}/invocations"
}

resource "aws_apigatewayv2_api" "websocket" {
  name                         = "${var.name_prefix}-gateway"
  description                  = "Runs named queries in Redshift and pushes the answers"
  protocol_type                = "WEBSOCKET"
  route_selection_expression   = "$request.body.action"
  disable_execute_api_endpoint = var.disable_execute_api_endpoint
  tags                         = var.tags
}

resource "aws_apigatewayv2_integration" "websocket" {
  api_id               = aws_apigatewayv2_api.websocket.id
  integration_type     = "AWS_PROXY"
  integration_method   = "POST"
  integration_uri      = local.socket_invoke_arn
  timeout_milliseconds = 29000
}

# https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-integration-requests.html
# A MOCK integration takes its status from the request template; the status selects the integration response, whose template
# is the message. The expressions are the static value $default, the key of the templates.
resource "aws_apigatewayv2_integration" "ping" {
  api_id                        = aws_apigatewayv2_api.websocket.id
  integration_type              = "MOCK"
  passthrough_behavior          = "WHEN_NO_MATCH"
  template_selection_expression = "\\$default"
  request_templates             = { "$default" = jsonencode({ statusCode = 200 }) }
}

resource "aws_apigatewayv2_integration_response" "ping" {
  api_id                        = aws_apigatewayv2_api.websocket.id
  integration_id                = aws_apigatewayv2_integration.ping.id
  integration_response_key      = "/200/"
  template_selection_expression = "\\$default"
  response_templates            = { "$default" = jsonencode({ type = "pong" }) }
}

resource "aws_apigatewayv2_route" "websocket" {
  # checkov:skip=CKV_AWS_309:a ticket or an authorizer decides at $connect who may connect
  for_each = toset(local.routes)

  api_id                              = aws_apigatewayv2_api.websocket.id
  route_key                           = each.key
  target                              = "integrations/${each.key == "ping" ? aws_apigatewayv2_integration.ping.id : aws_apigatewayv2_integration.websocket.id}"
  route_response_selection_expression = contains(local.messages, each.key) ? "$default" : null

  # With JWT, the function checks the ticket at $connect.
  authorization_type = each.key == "$connect" && var.authorization.mode == "CUSTOM" ? "CUSTOM" : "NONE"
  authorizer_id      = each.key == "$connect" ? one(aws_apigatewayv2_authorizer.custom[*].id) : null
}

resource "aws_apigatewayv2_route_response" "websocket" {
  for_each = toset(local.messages)

  api_id             = aws_apigatewayv2_api.websocket.id
  route_id           = aws_apigatewayv2_route.websocket[each.key].id
  route_response_key = "$default"
}

resource "aws_apigatewayv2_stage" "websocket" {
  # checkov:skip=CKV2_AWS_51:API Gateway invokes functions, which need no client certificate
  api_id      = aws_apigatewayv2_api.websocket.id
  name        = var.stage_name
  auto_deploy = true
  tags        = var.tags

  # Execution logs would contain the parameters of queries.
  default_route_settings {
    data_trace_enabled       = false
    detailed_metrics_enabled = false
    logging_level            = "OFF"
    throttling_burst_limit   = var.throttle.burst
    throttling_rate_limit    = var.throttle.rate
  }

  # Each of these routes has a bucket of its own. A flood of connects leaves room for messages of open connections.
  dynamic "route_settings" {
    for_each = local.throttled_routes

    content {
      route_key                = route_settings.key
      data_trace_enabled       = false
      detailed_metrics_enabled = false
      logging_level            = "OFF"
      throttling_burst_limit   = route_settings.value.burst
      throttling_rate_limit    = route_settings.value.rate
    }
  }

  # Without the query string, which may contain a ticket.
  dynamic "access_log_settings" {
    for_each = aws_cloudwatch_log_group.websocket

    content {
      destination_arn = access_log_settings.value.arn
      format = jsonencode({
        requestTime        = "$context.requestTime"
        requestId          = "$context.requestId"
        connectionId       = "$context.connectionId"
        eventType          = "$context.eventType"
        routeKey           = "$context.routeKey"
        status             = "$context.status"
        integrationLatency = "$context.integrationLatency"
        error              = "$context.error.message"
        sourceIp           = "$context.identity.sourceIp"
      })
    }
  }

  # So that the first deployment has all routes.
  depends_on = [
    aws_apigatewayv2_integration_response.ping,
    aws_apigatewayv2_route.websocket,
    aws_apigatewayv2_route_response.websocket,
  ]
}

resource "aws_cloudwatch_log_group" "websocket" {
  count = var.access_logs ? 1 : 0

  name              = "/aws/vendedlogs/apigateway/${var.name_prefix}-gateway"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_lambda_permission" "websocket" {
  for_each = toset(local.function_routes)

  # A generated id, so that an apply after an interrupted one does not find its id taken.
  statement_id_prefix = "websocket-${replace(each.key, "$", "")}-"
  function_name       = module.socket.function_name
  action              = "lambda:InvokeFunction"
  principal           = "apigateway.amazonaws.com"
  source_arn          = "${aws_apigatewayv2_api.websocket.execution_arn}/${var.stage_name}/${each.key}"
}

resource "aws_apigatewayv2_authorizer" "custom" {
  count = var.authorization.mode == "CUSTOM" ? 1 : 0

  api_id           = aws_apigatewayv2_api.websocket.id
  name             = "${var.name_prefix}-gateway"
  authorizer_type  = "REQUEST"
  authorizer_uri   = "arn:${local.partition}:apigateway:${local.region}:lambda:path/2015-03-31/functions/${var.authorization.authorizer.lambda_arn}/invocations"
  identity_sources = var.authorization.authorizer.identity_sources
}

resource "aws_lambda_permission" "custom" {
  count = var.authorization.mode == "CUSTOM" ? 1 : 0

  statement_id_prefix = "${var.name_prefix}-gateway-authorizer-"
  function_name       = var.authorization.authorizer.lambda_arn
  action              = "lambda:InvokeFunction"
  principal           = "apigateway.amazonaws.com"
  source_arn          = "${aws_apigatewayv2_api.websocket.execution_arn}/authorizers/${aws_apigatewayv2_authorizer.custom[0].id}"
}

resource "aws_cloudwatch_metric_alarm" "websocket" {
  alarm_name          = "${var.name_prefix}-gateway-websocket"
  alarm_description   = "API Gateway could not invoke the socket function of ${var.name_prefix}: the function failed, was throttled, timed out or denied the invocation. What to do: modules/lambda_function/README.md#when-something-is-wrong, websocket."
  namespace           = "AWS/ApiGateway"
  metric_name         = "ExecutionError"
  dimensions          = { ApiId = aws_apigatewayv2_api.websocket.id, Stage = var.stage_name }
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = var.tags
}
