mock_provider "aws" {
  source = "./mocks"
}

override_resource {
  target = aws_apigatewayv2_api.websocket
  values = { id = "ws1", api_endpoint = "wss://ws1.execute-api.us-east-1.amazonaws.com", execution_arn = "arn:aws:execute-api:us-east-1:123456789012:ws1" }
}

override_resource {
  target = aws_apigatewayv2_api.tickets
  values = { id = "http1", api_endpoint = "https://http1.execute-api.us-east-1.amazonaws.com", execution_arn = "arn:aws:execute-api:us-east-1:123456789012:http1" }
}

override_resource {
  target = module.socket.aws_lambda_function.this
  values = { arn = "arn:aws:lambda:us-east-1:123456789012:function:taxi-gateway-socket" }
}

variables {
  name_prefix     = "taxi"
  redshift        = { database = "dev", cluster = { identifier = "warehouse" } }
  authorization   = { mode = "NONE" }
  allowed_origins = ["*"]

  queries = {
    daily_trips = {
      sql         = "-- What: a day; ':none'\nSELECT SUM(x)::FLOAT8 AS \"a:b\", ':text;' FROM t WHERE m >= CAST(:month AS DATE) AND n > :least /* :no; */ AND o = :tenant;\n"
      description = "Trips"
      parameters = {
        month  = { type = "month", description = "Month", minimum = "2009-01" }
        least  = { type = "integer", default = "1", minimum = 0, maximum = 10 }
        tenant = { type = "claim", claim = "custom:tenant" }
      }
      allowed_groups = ["analysts"]
    }
  }
}

run "routes" {
  command = apply

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    alarm_thresholds = { event_lag_seconds = 20 }
    alarm_actions    = ["arn:aws:sns:us-east-1:123456789012:alarms"]

    throttle = { rate = 50, routes = { "$connect" = { rate = 5, burst = 10 }, query = { rate = 7, burst = 8 } } }
  }

  assert {
    condition     = toset(keys(aws_apigatewayv2_route.websocket)) == toset(["$connect", "$disconnect", "$default", "query", "cancel", "catalog", "ping"]) && aws_apigatewayv2_api.websocket.route_selection_expression == "$request.body.action"
    error_message = "the routes are wrong"
  }

  assert {
    condition     = alltrue([for key, route in aws_apigatewayv2_route.websocket : (route.route_response_selection_expression == "$default") == !contains(["$connect", "$disconnect"], key)]) && toset(keys(aws_apigatewayv2_route_response.websocket)) == toset(["$default", "query", "cancel", "catalog", "ping"])
    error_message = "not every message is answered"
  }

  assert {
    condition     = alltrue([for key, p in aws_lambda_permission.websocket : p.source_arn == "arn:aws:execute-api:us-east-1:123456789012:ws1/v1/${key}" && p.principal == "apigateway.amazonaws.com" && startswith(p.statement_id_prefix, "websocket-")]) && toset(keys(aws_lambda_permission.websocket)) == toset(["$connect", "$disconnect", "$default", "query", "cancel", "catalog"])
    error_message = "API Gateway may not invoke the function from each route"
  }

  assert {
    condition     = aws_apigatewayv2_integration.websocket.integration_uri == "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:taxi-gateway-socket/invocations" && aws_apigatewayv2_integration.websocket.integration_type == "AWS_PROXY"
    error_message = "the routes lead elsewhere"
  }

  assert {
    condition     = aws_apigatewayv2_stage.websocket.auto_deploy && aws_apigatewayv2_stage.websocket.default_route_settings[0].throttling_rate_limit == 50 && aws_apigatewayv2_stage.websocket.default_route_settings[0].throttling_burst_limit == 1000 && aws_apigatewayv2_stage.websocket.default_route_settings[0].logging_level == "OFF" && !aws_apigatewayv2_stage.websocket.default_route_settings[0].data_trace_enabled
    error_message = "the stage does not throttle, or logs what people ask"
  }

  assert {
    condition = jsonencode({ for s in aws_apigatewayv2_stage.websocket.route_settings : s.route_key => [s.throttling_rate_limit, s.throttling_burst_limit, s.logging_level, s.data_trace_enabled] }) == jsonencode({
      "$connect" = [5, 10, "OFF", false]
      ping       = [1000, 2000, "OFF", false]
      query      = [7, 8, "OFF", false]
    })
    error_message = "connects, pings or queries are not throttled separately"
  }

  assert {
    condition     = aws_apigatewayv2_route.websocket["ping"].target == "integrations/${aws_apigatewayv2_integration.ping.id}" && alltrue([for key, route in aws_apigatewayv2_route.websocket : route.target == "integrations/${aws_apigatewayv2_integration.websocket.id}" if key != "ping"])
    error_message = "a ping reaches the function, or another message does not"
  }

  assert {
    condition     = aws_apigatewayv2_integration.ping.integration_type == "MOCK" && jsonencode(aws_apigatewayv2_integration.ping.request_templates) == jsonencode({ "$default" = "{\"statusCode\":200}" }) && aws_apigatewayv2_integration.ping.template_selection_expression == "\\$default"
    error_message = "the ping's status is wrong"
  }

  assert {
    condition     = aws_apigatewayv2_integration_response.ping.integration_response_key == "/200/" && jsonencode(aws_apigatewayv2_integration_response.ping.response_templates) == jsonencode({ "$default" = "{\"type\":\"pong\"}" }) && aws_apigatewayv2_integration_response.ping.template_selection_expression == "\\$default" && aws_apigatewayv2_integration_response.ping.integration_id == aws_apigatewayv2_integration.ping.id
    error_message = "the pong is wrong"
  }

  assert {
    condition = jsonencode({ for key, alarm in aws_cloudwatch_metric_alarm.metrics : key => [alarm.namespace, alarm.metric_name, alarm.dimensions, alarm.statistic, alarm.threshold, alarm.alarm_actions] }) == jsonencode({
      backlog = ["RedshiftRelay", "Backlog", { NamePrefix = "taxi" }, "Maximum", 5, ["arn:aws:sns:us-east-1:123456789012:alarms"]]
      lag     = ["RedshiftRelay", "EventLag", { NamePrefix = "taxi" }, "Maximum", 20, ["arn:aws:sns:us-east-1:123456789012:alarms"]]
    })
    error_message = "the alarms watch other metrics than the functions write"
  }

  assert {
    condition     = !strcontains(lower(aws_apigatewayv2_stage.websocket.access_log_settings[0].format), "query") && jsondecode(aws_apigatewayv2_stage.websocket.access_log_settings[0].format).routeKey == "$context.routeKey" && output.access_log_group_names == tomap({ websocket = "/aws/vendedlogs/apigateway/taxi-gateway" })
    error_message = "the access log is wrong"
  }

  assert {
    condition     = alltrue([for route in aws_apigatewayv2_route.websocket : route.authorization_type == "NONE"]) && length(aws_apigatewayv2_authorizer.custom) == 0
    error_message = "the routes ask for authorization"
  }
}

run "without_access_logs" {
  command = apply

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    access_logs = false
  }

  assert {
    condition     = length(aws_apigatewayv2_stage.websocket.access_log_settings) == 0 && length(aws_cloudwatch_log_group.websocket) == 0
    error_message = "it logs"
  }
}

run "custom_domain" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    authorization       = { mode = "JWT", issuer = "https://login.example.com", audience = ["page"] }
    management_endpoint = "https://ws.example.com"
    websocket_url       = "wss://ws.example.com"
    ticket_url          = "https://api.example.com/ticket"

    disable_execute_api_endpoint = true
  }

  assert {
    condition     = aws_apigatewayv2_api.websocket.disable_execute_api_endpoint && aws_apigatewayv2_api.tickets[0].disable_execute_api_endpoint
    error_message = "clients can go around the custom domain"
  }

  assert {
    condition     = output.websocket_url == "wss://ws.example.com" && output.management_endpoint == "https://ws.example.com" && local.environment.MANAGEMENT_ENDPOINT == "https://ws.example.com" && output.ticket_url == "https://api.example.com/ticket"
    error_message = "the domain is not used"
  }
}
