# Browsers cannot set headers on a WebSocket, and a token in a URL ends up in logs. So a page exchanges its token for a
# one-time ticket here and connects with it. API Gateway's own JWT authorizer checks the token.
locals {
  tickets = var.authorization.mode == "JWT"

  ticket_url = local.tickets ? coalesce(var.ticket_url, "${one(aws_apigatewayv2_api.tickets[*].api_endpoint)}/${var.stage_name}/ticket") : null
}

resource "aws_apigatewayv2_api" "tickets" {
  count = local.tickets ? 1 : 0

  name                         = "${var.name_prefix}-gateway-tickets"
  description                  = "Tickets for the WebSocket API"
  protocol_type                = "HTTP"
  disable_execute_api_endpoint = var.disable_execute_api_endpoint
  tags                         = var.tags

  dynamic "cors_configuration" {
    for_each = length(var.allowed_origins) > 0 ? [var.allowed_origins] : []

    content {
      allow_origins = cors_configuration.value
      allow_methods = ["POST"]
      allow_headers = ["authorization"]
      max_age       = 3600
    }
  }
}

resource "aws_apigatewayv2_authorizer" "jwt" {
  count = local.tickets ? 1 : 0

  api_id           = aws_apigatewayv2_api.tickets[0].id
  name             = "jwt"
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]

  jwt_configuration {
    issuer   = var.authorization.issuer
    audience = var.authorization.audience
  }
}

resource "aws_apigatewayv2_integration" "tickets" {
  count = local.tickets ? 1 : 0

  api_id                 = aws_apigatewayv2_api.tickets[0].id
  integration_type       = "AWS_PROXY"
  integration_method     = "POST"
  integration_uri        = local.socket_invoke_arn
  payload_format_version = "2.0"
  timeout_milliseconds   = 29000
}

resource "aws_apigatewayv2_route" "tickets" {
  count = local.tickets ? 1 : 0

  api_id               = aws_apigatewayv2_api.tickets[0].id
  route_key            = "POST /ticket"
  target               = "integrations/${aws_apigatewayv2_integration.tickets[0].id}"
  authorization_type   = "JWT"
  authorizer_id        = aws_apigatewayv2_authorizer.jwt[0].id
  authorization_scopes = var.authorization.scopes
}

resource "aws_apigatewayv2_stage" "tickets" {
  count = local.tickets ? 1 : 0

  api_id      = aws_apigatewayv2_api.tickets[0].id
  name        = var.stage_name
  auto_deploy = true
  tags        = var.tags

  default_route_settings {
    detailed_metrics_enabled = false
    throttling_burst_limit   = local.throttled_routes["$connect"].burst # a ticket a connection
    throttling_rate_limit    = local.throttled_routes["$connect"].rate
  }

  dynamic "access_log_settings" {
    for_each = aws_cloudwatch_log_group.tickets

    content {
      destination_arn = access_log_settings.value.arn
      format = jsonencode({
        requestTime        = "$context.requestTime"
        requestId          = "$context.requestId"
        routeKey           = "$context.routeKey"
        status             = "$context.status"
        integrationLatency = "$context.integrationLatency"
        error              = "$context.error.message"
        authorizerError    = "$context.authorizer.error"
        sourceIp           = "$context.identity.sourceIp"
      })
    }
  }

  depends_on = [aws_apigatewayv2_route.tickets]
}

resource "aws_cloudwatch_log_group" "tickets" {
  count = local.tickets && var.access_logs ? 1 : 0

  # The account's resource policy for log delivery, limited to 5,120 characters, need not list groups under this prefix.
  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
  name              = "/aws/vendedlogs/apigateway/${var.name_prefix}-gateway-tickets"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_lambda_permission" "tickets" {
  count = local.tickets ? 1 : 0

  statement_id_prefix = "tickets-"
  function_name       = module.socket.function_name
  action              = "lambda:InvokeFunction"
  principal           = "apigateway.amazonaws.com"
  source_arn          = "${aws_apigatewayv2_api.tickets[0].execution_arn}/${var.stage_name}/POST/ticket"
}

resource "aws_cloudwatch_metric_alarm" "tickets" {
  count = local.tickets ? 1 : 0

  alarm_name          = "${var.name_prefix}-gateway-tickets"
  alarm_description   = "The ticket API of ${var.name_prefix} answers server errors. The log group of the socket function holds the reason. What to do: modules/lambda_function/README.md#when-something-is-wrong, tickets."
  namespace           = "AWS/ApiGateway"
  metric_name         = "5xx"
  dimensions          = { ApiId = aws_apigatewayv2_api.tickets[0].id, Stage = var.stage_name }
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
