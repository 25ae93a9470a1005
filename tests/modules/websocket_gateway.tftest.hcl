# Policies are rendered by the real provider: it needs no account for that, and everything that would is overridden.
provider "aws" {
  alias                       = "rendered"
  region                      = "us-east-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true
}

mock_provider "aws" {
  source = "./mocks"
}

override_data {
  target = data.aws_caller_identity.this
  values = { account_id = "123456789012" }
}

override_data {
  target = module.statement_role[0].data.aws_caller_identity.this
  values = { account_id = "123456789012" }
}

override_data {
  target = module.socket.data.aws_caller_identity.this
  values = { account_id = "123456789012" }
}

override_data {
  target = module.deliver.data.aws_caller_identity.this
  values = { account_id = "123456789012" }
}

override_resource {
  target = module.statement_role[0].aws_iam_role.this
  values = { arn = "arn:aws:iam::123456789012:role/taxi-gateway" }
}

override_resource {
  target = module.statement_role[0].aws_iam_role_policy.this
}

override_resource {
  target = module.socket.aws_cloudwatch_log_group.this
  values = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/taxi-gateway-socket" }
}

override_resource {
  target = module.socket.aws_lambda_function.this
  values = { arn = "arn:aws:lambda:us-east-1:123456789012:function:taxi-gateway-socket" }
}

override_resource {
  target = module.socket.aws_iam_role_policy.function
}

override_resource {
  target = module.socket.aws_iam_role_policy.this
}

override_resource {
  target = module.socket.aws_cloudwatch_metric_alarm.function
}

override_resource {
  target = module.deliver.aws_cloudwatch_log_group.this
  values = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/taxi-gateway-deliver" }
}

override_resource {
  target = module.deliver.aws_lambda_function.this
  values = { arn = "arn:aws:lambda:us-east-1:123456789012:function:taxi-gateway-deliver" }
}

override_resource {
  target = module.deliver.aws_iam_role_policy.function
}

override_resource {
  target = module.deliver.aws_iam_role_policy.this
}

override_resource {
  target = module.deliver.aws_cloudwatch_metric_alarm.function
}

override_resource {
  target = module.deliver.aws_sqs_queue.failures
  values = { arn = "arn:aws:sqs:us-east-1:123456789012:taxi-gateway-deliver-failures" }
}

override_resource {
  target = module.deliver.aws_lambda_function_event_invoke_config.this
}

override_resource {
  target = module.deliver.aws_cloudwatch_metric_alarm.failures
}

override_resource {
  target = module.deliver.aws_lambda_permission.rule
}

override_resource {
  target = aws_lambda_invocation.login
  values = { result = "{}" }
}

override_resource {
  target = aws_dynamodb_table.this
  values = { arn = "arn:aws:dynamodb:us-east-1:123456789012:table/taxi-gateway" }
}

override_resource {
  target = aws_dynamodb_table_item.query
}

override_resource {
  target = aws_cloudwatch_event_rule.run_ended
  values = { arn = "arn:aws:events:us-east-1:123456789012:rule/taxi-gateway-run-ended" }
}

override_resource {
  target = aws_cloudwatch_event_rule.data_version
  values = { arn = "arn:aws:events:us-east-1:123456789012:rule/taxi-gateway-data-load" }
}

override_resource {
  target = aws_cloudwatch_event_target.this
}

override_resource {
  target = aws_scheduler_schedule_group.sweep
  values = { arn = "arn:aws:scheduler:us-east-1:123456789012:schedule-group/taxi-gateway" }
}

override_resource {
  target = aws_scheduler_schedule.sweep
}

override_resource {
  target = aws_iam_role.sweep
  values = { arn = "arn:aws:iam::123456789012:role/taxi-gateway-sweep" }
}

override_resource {
  target = aws_iam_role_policy.sweep
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
  target = aws_apigatewayv2_integration.websocket
}

override_resource {
  target = aws_apigatewayv2_route.websocket
}

override_resource {
  target = aws_apigatewayv2_route_response.websocket
}

override_resource {
  target = aws_apigatewayv2_stage.websocket
}

override_resource {
  target = aws_apigatewayv2_integration.tickets
}

override_resource {
  target = aws_apigatewayv2_route.tickets
}

override_resource {
  target = aws_apigatewayv2_stage.tickets
}

override_resource {
  target = aws_lambda_permission.websocket
}

override_resource {
  target = aws_lambda_permission.tickets
}

override_resource {
  target = aws_lambda_permission.custom
}

override_resource {
  target = aws_cloudwatch_metric_alarm.websocket
}

override_resource {
  target = aws_cloudwatch_metric_alarm.tickets
}

override_resource {
  target = aws_apigatewayv2_authorizer.custom
  values = { id = "auth1" }
}

override_resource {
  target = aws_apigatewayv2_authorizer.jwt
  values = { id = "auth2" }
}

override_resource {
  target = aws_cloudwatch_log_group.websocket
  values = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/apigateway/taxi-gateway" }
}

override_resource {
  target = aws_cloudwatch_log_group.tickets
  values = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/apigateway/taxi-gateway-tickets" }
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

run "policies" {
  command = apply

  module {
    source = "../../modules/websocket_gateway"
  }

  providers = {
    aws = aws.rendered
  }

  assert {
    condition     = jsonencode(jsondecode(data.aws_iam_policy_document.gateway.json).Statement) == jsonencode([{ Sid = "Table", Effect = "Allow", Action = ["dynamodb:Query", "dynamodb:GetItem"], Resource = "arn:aws:dynamodb:us-east-1:123456789012:table/taxi-gateway" }, { Sid = "TableWrites", Effect = "Allow", Action = ["dynamodb:UpdateItem", "dynamodb:PutItem", "dynamodb:DeleteItem"], Resource = "arn:aws:dynamodb:us-east-1:123456789012:table/taxi-gateway", Condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["C#*", "Q#*", "T#*", "VERSION"] } } }, { Sid = "Indexes", Effect = "Allow", Action = "dynamodb:Query", Resource = ["arn:aws:dynamodb:us-east-1:123456789012:table/taxi-gateway/index/pending", "arn:aws:dynamodb:us-east-1:123456789012:table/taxi-gateway/index/live"] }, { Sid = "Connections", Effect = "Allow", Action = "execute-api:ManageConnections", Resource = ["arn:aws:execute-api:us-east-1:123456789012:ws1/v1/POST/@connections/*", "arn:aws:execute-api:us-east-1:123456789012:ws1/v1/DELETE/@connections/*"] }, { Sid = "Deliver", Effect = "Allow", Action = "lambda:InvokeFunction", Resource = "arn:aws:lambda:us-east-1:123456789012:function:taxi-gateway-deliver" }])
    error_message = "the functions may use their table, connections and each other, and nothing else"
  }

  assert {
    condition     = jsonencode(jsondecode(aws_iam_role.sweep.assume_role_policy).Statement) == jsonencode([{ Sid = "Scheduler", Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "scheduler.amazonaws.com" }, Condition = { ArnEquals = { "aws:SourceArn" = "arn:aws:scheduler:us-east-1:123456789012:schedule-group/taxi-gateway" }, StringEquals = { "aws:SourceAccount" = "123456789012" } } }])
    error_message = "the schedule of the group and nobody else takes the role"
  }

  assert {
    condition     = jsonencode(jsondecode(aws_iam_role_policy.sweep.policy).Statement) == jsonencode([{ Sid = "Invoke", Effect = "Allow", Action = "lambda:InvokeFunction", Resource = "arn:aws:lambda:us-east-1:123456789012:function:taxi-gateway-deliver" }, { Sid = "DeadLetters", Effect = "Allow", Action = "sqs:SendMessage", Resource = "arn:aws:sqs:us-east-1:123456789012:taxi-gateway-deliver-failures" }])
    error_message = "the sweep may invoke deliver and nothing else"
  }

  assert {
    condition     = output.role.name == "taxi-gateway" && module.socket.role == output.role && module.deliver.role == output.role
    error_message = "the functions do not share the statement role"
  }
}

run "policies_with_key" {
  command = apply

  module {
    source = "../../modules/websocket_gateway"
  }

  providers = {
    aws = aws.rendered
  }

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  }

  assert {
    condition     = jsonencode(jsondecode(data.aws_iam_policy_document.gateway.json).Statement) == jsonencode([{ Sid = "Table", Effect = "Allow", Action = ["dynamodb:Query", "dynamodb:GetItem"], Resource = "arn:aws:dynamodb:us-east-1:123456789012:table/taxi-gateway" }, { Sid = "TableWrites", Effect = "Allow", Action = ["dynamodb:UpdateItem", "dynamodb:PutItem", "dynamodb:DeleteItem"], Resource = "arn:aws:dynamodb:us-east-1:123456789012:table/taxi-gateway", Condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["C#*", "Q#*", "T#*", "VERSION"] } } }, { Sid = "Indexes", Effect = "Allow", Action = "dynamodb:Query", Resource = ["arn:aws:dynamodb:us-east-1:123456789012:table/taxi-gateway/index/pending", "arn:aws:dynamodb:us-east-1:123456789012:table/taxi-gateway/index/live"] }, { Sid = "Connections", Effect = "Allow", Action = "execute-api:ManageConnections", Resource = ["arn:aws:execute-api:us-east-1:123456789012:ws1/v1/POST/@connections/*", "arn:aws:execute-api:us-east-1:123456789012:ws1/v1/DELETE/@connections/*"] }, { Sid = "Deliver", Effect = "Allow", Action = "lambda:InvokeFunction", Resource = "arn:aws:lambda:us-east-1:123456789012:function:taxi-gateway-deliver" }, { Sid = "TableKey", Effect = "Allow", Action = ["kms:GenerateDataKey*", "kms:Decrypt"], Resource = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555" }])
    error_message = "the functions may not use the key of the table"
  }

  assert {
    condition     = jsonencode(jsondecode(aws_iam_role_policy.sweep.policy).Statement) == jsonencode([{ Sid = "Invoke", Effect = "Allow", Action = "lambda:InvokeFunction", Resource = "arn:aws:lambda:us-east-1:123456789012:function:taxi-gateway-deliver" }, { Sid = "DeadLetters", Effect = "Allow", Action = "sqs:SendMessage", Resource = "arn:aws:sqs:us-east-1:123456789012:taxi-gateway-deliver-failures" }, { Sid = "Key", Effect = "Allow", Action = ["kms:GenerateDataKey", "kms:Decrypt"], Resource = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555" }])
    error_message = "the sweep may not use the key"
  }

  assert {
    condition     = aws_dynamodb_table.this.server_side_encryption[0].kms_key_arn == var.kms_key_arn && aws_scheduler_schedule.sweep.kms_key_arn == var.kms_key_arn && aws_cloudwatch_log_group.websocket[0].kms_key_id == var.kms_key_arn
    error_message = "something is not under the key"
  }
}

run "wiring" {
  command = apply

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    data_version_events = { dbt = "{\"source\": [\"dbt\"]}" }
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.run_ended.event_pattern) == { source = ["aws.redshift-data"], detail-type = ["Redshift Data Statement Status Change"], detail = { principal = [{ prefix = "arn:aws:sts::123456789012:assumed-role/taxi-gateway/" }], state = ["FINISHED", "FAILED", "ABORTED"], statementName = [{ prefix = "taxi/query/" }] } }
    error_message = "the rule takes other statements"
  }

  assert {
    condition     = aws_cloudwatch_event_rule.data_version["dbt"].event_pattern == "{\"source\": [\"dbt\"]}" && output.rule_names == tomap({ run_ended = "taxi-gateway-run-ended", dbt = "taxi-gateway-data-dbt" })
    error_message = "the rules of the data version are wrong"
  }

  assert {
    condition     = toset(keys(aws_cloudwatch_event_target.this)) == toset(["run_ended", "dbt"]) && alltrue([for t in aws_cloudwatch_event_target.this : t.arn == module.deliver.function_arn && t.dead_letter_config[0].arn == output.failure_queue_arn && t.retry_policy[0].maximum_retry_attempts > 0])
    error_message = "a rule leads nowhere, or loses events"
  }

  assert {
    condition     = aws_scheduler_schedule.sweep.schedule_expression == "rate(1 minute)" && jsondecode(aws_scheduler_schedule.sweep.target[0].input) == { action = "sweep" } && output.sweep_schedule_name == "taxi-gateway/sweep"
    error_message = "the sweep is wrong"
  }

  assert {
    condition     = output.function_names == { socket = "taxi-gateway-socket", deliver = "taxi-gateway-deliver" } && local.deliver_function == output.function_names.deliver
    error_message = "wrong names"
  }

  assert {
    condition     = jsonencode(local.environment) == jsonencode({ NAME_PREFIX = "taxi", LOG_LEVEL = "INFO", TABLE = "taxi-gateway", REDSHIFT_DATABASE = "dev", REDSHIFT_CLUSTER = "warehouse", MANAGEMENT_ENDPOINT = "https://ws1.execute-api.us-east-1.amazonaws.com/v1", DELIVER_FUNCTION = "taxi-gateway-deliver", AUTHORIZATION = "NONE", ALLOWED_ORIGINS = "[\"*\"]", MAX_OPEN_REQUESTS = "20", MAX_MESSAGE_BYTES = "16384", GROUPS_CLAIM = "cognito:groups", CLAIMS = "[\"cognito:groups\",\"custom:tenant\"]", URL_CREDENTIALS = "[\"ticket\"]", VERSIONED = "true" })
    error_message = "the functions have other settings"
  }

  assert {
    condition     = output.websocket_url == "wss://ws1.execute-api.us-east-1.amazonaws.com/v1" && output.management_endpoint == "https://ws1.execute-api.us-east-1.amazonaws.com/v1" && output.ticket_url == null && length(aws_apigatewayv2_api.tickets) == 0
    error_message = "wrong addresses"
  }

  assert {
    condition     = aws_dynamodb_table.this.hash_key == "pk" && aws_dynamodb_table.this.range_key == "sk" && aws_dynamodb_table.this.ttl[0].attribute_name == "expires_at" && aws_dynamodb_table.this.point_in_time_recovery[0].enabled && aws_dynamodb_table.this.billing_mode == "PAY_PER_REQUEST" && !aws_dynamodb_table.this.deletion_protection_enabled
    error_message = "the table is wrong"
  }

  assert {
    condition     = jsonencode(sort([for i in aws_dynamodb_table.this.global_secondary_index : join(" ", compact([i.name, i.hash_key, i.range_key, i.projection_type]))])) == jsonencode(["live live KEYS_ONLY", "pending pending since KEYS_ONLY"])
    error_message = "the indexes are wrong"
  }
}

run "login_makes_the_user" {
  command = apply

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    revision = "restored"
  }

  assert {
    condition     = output.database_user == "IAMR:taxi-gateway" && aws_lambda_invocation.login.lifecycle_scope == "CREATE_ONLY" && jsonencode(jsondecode(aws_lambda_invocation.login.input)) == jsonencode({ action = "log_in", database = "dev", database_user = "IAMR:taxi-gateway", needed = true, revision = "restored", warehouse = "warehouse" })
    error_message = "the user of the IAM identity is not made"
  }
}

run "named_user_is_there_already" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    redshift = { database = "dev", cluster = { identifier = "warehouse", user = "reader" } }
  }

  assert {
    condition     = output.database_user == "reader" && !jsondecode(aws_lambda_invocation.login.input).needed && local.environment.REDSHIFT_USER == "reader"
    error_message = "wrong user"
  }
}

run "workgroup_with_secret_and_given_role" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    redshift = { database = "dev", workgroup = { name = "dev", arn = "arn:aws:redshift-serverless:us-east-1:123456789012:workgroup/id" }, secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:s" }
    role     = { name = "company-reader", arn = "arn:aws:iam::123456789012:role/company-reader" }
  }

  assert {
    condition     = output.database_user == null && !jsondecode(aws_lambda_invocation.login.input).needed && length(module.statement_role) == 0 && output.role == var.role
    error_message = "wrong role or user"
  }

  assert {
    condition     = output.principal_prefix == "arn:aws:sts::123456789012:assumed-role/company-reader/" && local.environment.REDSHIFT_WORKGROUP == "dev" && local.environment.VERSIONED == "false"
    error_message = "wrong settings"
  }
}

run "routes" {
  command = apply

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    throttle = { rate = 50 }
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
    condition     = alltrue([for key, p in aws_lambda_permission.websocket : p.source_arn == "arn:aws:execute-api:us-east-1:123456789012:ws1/v1/${key}" && p.principal == "apigateway.amazonaws.com"]) && length(aws_lambda_permission.websocket) == 7
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
    condition     = !strcontains(lower(aws_apigatewayv2_stage.websocket.access_log_settings[0].format), "query") && jsondecode(aws_apigatewayv2_stage.websocket.access_log_settings[0].format).routeKey == "$context.routeKey" && output.access_log_group_names == tomap({ websocket = "/aws/apigateway/taxi-gateway" })
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
    condition     = aws_apigatewayv2_stage.tickets[0].default_route_settings[0].throttling_rate_limit == 500 && aws_apigatewayv2_stage.tickets[0].auto_deploy
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
  }

  assert {
    condition     = output.websocket_url == "wss://ws.example.com" && output.management_endpoint == "https://ws.example.com" && local.environment.MANAGEMENT_ENDPOINT == "https://ws.example.com" && output.ticket_url == "https://api.example.com/ticket"
    error_message = "the domain is not used"
  }
}

run "catalog" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  assert {
    condition     = jsondecode(aws_dynamodb_table_item.query["daily_trips"].item).pk.S == "CATALOG" && jsondecode(aws_dynamodb_table_item.query["daily_trips"].item).sk.S == "daily_trips"
    error_message = "wrong key"
  }

  assert {
    condition     = jsondecode(jsondecode(aws_dynamodb_table_item.query["daily_trips"].item).definition.S).parameters == { month = { type = "month", description = "Month", minimum = "2009-01" }, least = { type = "integer", description = "", default = "1", minimum = "0", maximum = "10" }, tenant = { type = "claim", description = "", claim = "custom:tenant" } }
    error_message = "wrong parameters"
  }

  assert {
    condition     = { for k, v in jsondecode(jsondecode(aws_dynamodb_table_item.query["daily_trips"].item).definition.S) : k => v if !contains(["sql", "parameters"], k) } == { description = "Trips", max_rows = 10000, timeout_seconds = 300, max_age_seconds = null, min_refresh_seconds = 0, allowed_groups = ["analysts"] }
    error_message = "wrong limits"
  }

  assert {
    condition     = jsondecode(jsondecode(aws_dynamodb_table_item.query["daily_trips"].item).definition.S).sql == var.queries.daily_trips.sql && output.query_names == tolist(["daily_trips"])
    error_message = "wrong SQL"
  }
}

# Every validation refuses what it is there for.

run "refuses_wrong_settings" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    name_prefix          = "Taxi_"
    permissions_boundary = "boundary"
    log_retention_days   = 31
    kms_key_arn          = "alias/relay"
    log_level            = "LOUD"
    allowed_origins      = ["https://data.example.com/"]
    data_version_events  = { "My dbt" = "{}" }
    throttle             = { rate = 0 }
    max_open_requests    = 0
    max_message_bytes    = 100
    groups_claim         = " "
    stage_name           = "$default"
    management_endpoint  = "wss://ws.example.com"
    websocket_url        = "https://ws.example.com"
    ticket_url           = "https://api.example.com"
    memory_mb            = { deliver = 64 }
  }

  expect_failures = [var.name_prefix, var.permissions_boundary, var.log_retention_days, var.kms_key_arn, var.log_level, var.allowed_origins, var.data_version_events, var.throttle, var.max_open_requests, var.max_message_bytes, var.groups_claim, var.stage_name, var.management_endpoint, var.websocket_url, var.ticket_url, var.memory_mb]
}

run "refuses_wrong_mix_of_redshift" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    redshift = { database = "dev", cluster = { identifier = "warehouse", user = "reader" }, secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:s" }
  }

  expect_failures = [var.redshift]
}

run "refuses_every_origin_beside_one" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    allowed_origins = ["*", "https://data.example.com"]
  }

  expect_failures = [var.allowed_origins]
}

run "refuses_pattern_of_everything" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    data_version_events = { all = "{}" }
  }

  expect_failures = [var.data_version_events]
}

run "refuses_mode" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    authorization = { mode = "none" }
  }

  expect_failures = [var.authorization]
}

run "refuses_jwt_without_audience" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    authorization = { mode = "JWT", issuer = "https://login.example.com" }
  }

  expect_failures = [var.authorization]
}

run "refuses_jwt_without_issuer" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    authorization = { mode = "JWT", audience = ["page"] }
  }

  expect_failures = [var.authorization]
}

run "refuses_plain_issuer" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    authorization = { mode = "JWT", issuer = "http://login.example.com", audience = ["page"] }
  }

  expect_failures = [var.authorization]
}

run "refuses_custom_without_authorizer" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    authorization = { mode = "CUSTOM" }
  }

  expect_failures = [var.authorization]
}

run "refuses_none_with_issuer" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    authorization = { mode = "NONE", issuer = "https://login.example.com" }
  }

  expect_failures = [var.authorization]
}

run "refuses_jwt_with_authorizer" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    authorization = { mode = "JWT", issuer = "https://login.example.com", audience = ["page"], authorizer = { lambda_arn = "arn:aws:lambda:us-east-1:123456789012:function:mine", identity_sources = ["route.request.querystring.token"] } }
  }

  expect_failures = [var.authorization]
}

run "refuses_invoke_arn_of_authorizer" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    authorization = { mode = "CUSTOM", authorizer = { lambda_arn = "arn:aws:apigateway:us-east-1:lambda:path/x", identity_sources = ["route.request.querystring.token"] } }
  }

  expect_failures = [var.authorization]
}

run "refuses_authorizer_without_source" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    authorization = { mode = "CUSTOM", authorizer = { lambda_arn = "arn:aws:lambda:us-east-1:123456789012:function:mine", identity_sources = [] } }
  }

  expect_failures = [var.authorization]
}

run "refuses_query_name" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    queries = { Daily = { sql = "SELECT 1" } }
  }

  expect_failures = [var.queries]
}

run "refuses_query_parameter_name" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    queries = { q = { sql = "SELECT :live", parameters = { live = { type = "text" } } } }
  }

  expect_failures = [var.queries]
}

run "refuses_parameters_that_the_authorizer_takes" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    authorization = { mode = "CUSTOM", authorizer = { lambda_arn = "arn:aws:lambda:us-east-1:123456789012:function:mine", identity_sources = ["route.request.header.other", "route.request.querystring.token"] } }
    queries       = { q = { sql = "SELECT :token, :other", parameters = { token = { type = "text" }, other = { type = "text" } } } }
  }

  expect_failures = [var.queries]
}

run "takes_parameters_named_as_headers_and_claims_named_as_anything" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    authorization = { mode = "CUSTOM", authorizer = { lambda_arn = "arn:aws:lambda:us-east-1:123456789012:function:mine", identity_sources = ["route.request.header.other", "route.request.querystring.tenant"] } }
    queries       = { q = { sql = "SELECT :other, :tenant", parameters = { other = { type = "text" }, tenant = { type = "claim" } } } }
  }
}

run "refuses_an_authorizer_that_takes_the_question" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    authorization = { mode = "CUSTOM", authorizer = { lambda_arn = "arn:aws:lambda:us-east-1:123456789012:function:mine", identity_sources = ["route.request.querystring.query"] } }
  }

  expect_failures = [var.authorization]
}

run "refuses_query_type" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    queries = { q = { sql = "SELECT :a", parameters = { a = { type = "string" } } } }
  }

  expect_failures = [var.queries]
}

run "refuses_query_choice_without_choices" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    queries = { q = { sql = "SELECT :a", parameters = { a = { type = "choice" } } } }
  }

  expect_failures = [var.queries]
}

run "refuses_query_length" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    queries = { q = { sql = "SELECT :a", parameters = { a = { type = "text", max_length = 0 } } } }
  }

  expect_failures = [var.queries]
}

run "refuses_query_rows" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    queries = { q = { sql = "SELECT 1", max_rows = 0 } }
  }

  expect_failures = [var.queries]
}

run "refuses_query_timeout" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    queries = { q = { sql = "SELECT 1", timeout_seconds = 0 } }
  }

  expect_failures = [var.queries]
}

run "refuses_query_group" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    queries = { q = { sql = "SELECT 1", allowed_groups = ["data team"] } }
  }

  expect_failures = [var.queries]
}

run "refuses_query_age" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    queries = { q = { sql = "SELECT 1", max_age_seconds = -1 } }
  }

  expect_failures = [var.queries]
}

run "refuses_query_size" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    queries = { q = { sql = "SELECT '${join("", [for i in range(100) : join("", [for j in range(1000) : "x"])])}'" } }
  }

  expect_failures = [var.queries]
}

run "refuses_query_that_changes" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    queries = { q = { sql = "DELETE FROM t" } }
  }

  expect_failures = [aws_dynamodb_table_item.query["q"]]
}

run "refuses_query_that_makes_a_table" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    queries = { q = { sql = "SELECT 1 INTO t" } }
  }

  expect_failures = [aws_dynamodb_table_item.query["q"]]
}

run "refuses_query_of_two_statements" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    queries = { q = { sql = "SELECT 1; SELECT 2" } }
  }

  expect_failures = [aws_dynamodb_table_item.query["q"]]
}

run "refuses_query_undeclared" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    queries = { q = { sql = "SELECT :a, x::int" } }
  }

  expect_failures = [aws_dynamodb_table_item.query["q"]]
}

run "refuses_query_unused" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    queries = { q = { sql = "SELECT ':a'", parameters = { a = { type = "text" } } } }
  }

  expect_failures = [aws_dynamodb_table_item.query["q"]]
}

run "refuses_query_misplaced" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    queries = { q = { sql = "SELECT :a", parameters = { a = { type = "text", minimum = "1" } } } }
  }

  expect_failures = [aws_dynamodb_table_item.query["q"]]
}

run "refuses_query_claim_with_default" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    queries = { q = { sql = "SELECT :a", parameters = { a = { type = "claim", default = "x" } } } }
  }

  expect_failures = [aws_dynamodb_table_item.query["q"]]
}

run "refuses_query_default" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    queries = { q = { sql = "SELECT :a", parameters = { a = { type = "date", default = "2015-02-30" } } } }
  }

  expect_failures = [aws_dynamodb_table_item.query["q"]]
}

run "refuses_query_default_no_choice" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    queries = { q = { sql = "SELECT :a", parameters = { a = { type = "choice", choices = ["x"], default = "y" } } } }
  }

  expect_failures = [aws_dynamodb_table_item.query["q"]]
}

run "refuses_query_disordered" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    queries = { q = { sql = "SELECT :a", parameters = { a = { type = "number", minimum = "9", default = "10", maximum = "9.5" } } } }
  }

  expect_failures = [aws_dynamodb_table_item.query["q"]]
}
