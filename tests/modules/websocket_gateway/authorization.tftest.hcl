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
  target = aws_apigatewayv2_authorizer.custom
  values = { id = "auth1" }
}

override_resource {
  target = aws_apigatewayv2_authorizer.jwt
  values = { id = "auth2" }
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

run "tickets" {
  command = apply

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    authorization   = { mode = "JWT", issuer = "https://login.example.com", audience = ["page"], scopes = ["read"] }
    allowed_origins = ["https://data.example.com"]
  }

  assert {
    condition     = output.ticket_url == "https://http1.execute-api.us-east-1.amazonaws.com/v1/ticket" && output.authorization_mode == "JWT" && output.ticket_api_id == "http1"
    error_message = "wrong address"
  }

  assert {
    condition     = aws_apigatewayv2_route.tickets[0].route_key == "POST /ticket" && aws_apigatewayv2_route.tickets[0].authorization_type == "JWT" && aws_apigatewayv2_route.tickets[0].authorizer_id == "auth2" && aws_apigatewayv2_route.tickets[0].authorization_scopes == toset(["read"])
    error_message = "tickets are given away"
  }

  assert {
    condition     = aws_apigatewayv2_authorizer.jwt[0].jwt_configuration[0].issuer == "https://login.example.com" && aws_apigatewayv2_authorizer.jwt[0].jwt_configuration[0].audience == toset(["page"])
    error_message = "wrong authorizer"
  }

  assert {
    condition     = aws_apigatewayv2_api.tickets[0].cors_configuration[0].allow_origins == toset(["https://data.example.com"]) && aws_apigatewayv2_api.tickets[0].cors_configuration[0].allow_methods == toset(["POST"]) && aws_apigatewayv2_api.tickets[0].cors_configuration[0].allow_headers == toset(["authorization"])
    error_message = "wrong CORS"
  }

  assert {
    condition     = aws_apigatewayv2_integration.tickets[0].payload_format_version == "2.0" && aws_lambda_permission.tickets[0].source_arn == "arn:aws:execute-api:us-east-1:123456789012:http1/v1/POST/ticket"
    error_message = "the route leads nowhere"
  }

  assert {
    condition     = aws_apigatewayv2_stage.tickets[0].default_route_settings[0].throttling_rate_limit == 100 && aws_apigatewayv2_stage.tickets[0].auto_deploy
    error_message = "the stage does not throttle"
  }

  assert {
    condition     = alltrue([for route in aws_apigatewayv2_route.websocket : route.authorization_type == "NONE"]) && local.environment.AUTHORIZATION == "JWT"
    error_message = "the function does not ask for tickets"
  }
}

run "custom_authorizer" {
  command = apply

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    authorization = { mode = "CUSTOM", authorizer = { lambda_arn = "arn:aws:lambda:us-east-1:123456789012:function:mine", identity_sources = ["route.request.querystring.token"] } }
  }

  assert {
    condition     = aws_apigatewayv2_route.websocket["$connect"].authorization_type == "CUSTOM" && aws_apigatewayv2_route.websocket["$connect"].authorizer_id == "auth1" && aws_apigatewayv2_route.websocket["query"].authorization_type == "NONE"
    error_message = "not $connect alone is authorized"
  }

  assert {
    condition     = aws_apigatewayv2_authorizer.custom[0].authorizer_type == "REQUEST" && aws_apigatewayv2_authorizer.custom[0].authorizer_uri == "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:mine/invocations" && aws_apigatewayv2_authorizer.custom[0].identity_sources == toset(["route.request.querystring.token"])
    error_message = "wrong authorizer"
  }

  assert {
    condition     = local.environment.URL_CREDENTIALS == "[\"ticket\",\"token\"]"
    error_message = "what the authorizer reads from the URL is taken for a parameter of the first question"
  }

  assert {
    condition     = aws_lambda_permission.custom[0].source_arn == "arn:aws:execute-api:us-east-1:123456789012:ws1/authorizers/auth1" && aws_lambda_permission.custom[0].function_name == "arn:aws:lambda:us-east-1:123456789012:function:mine"
    error_message = "API Gateway may not ask the authorizer"
  }

  assert {
    condition     = output.ticket_url == null
    error_message = "it gives tickets"
  }
}
