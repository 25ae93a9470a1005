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
  target = module.socket.aws_cloudwatch_metric_alarm.this
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
  target = module.deliver.aws_cloudwatch_metric_alarm.this
}

override_resource {
  target = module.deliver.aws_sqs_queue.failures
  values = { arn = "arn:aws:sqs:us-east-1:123456789012:taxi-gateway-deliver-failures" }
}

override_resource {
  target = module.deliver.aws_lambda_function_event_invoke_config.this
}

override_resource {
  target = module.deliver.aws_lambda_permission.rule
}

override_data {
  target = module.worker.data.aws_caller_identity.this
  values = { account_id = "123456789012" }
}

override_resource {
  target = module.worker.aws_cloudwatch_log_group.this
  values = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/taxi-gateway-worker" }
}

override_resource {
  target = module.worker.aws_lambda_function.this
  values = { arn = "arn:aws:lambda:us-east-1:123456789012:function:taxi-gateway-worker" }
}

override_resource {
  target = module.worker.aws_iam_role_policy.function
}

override_resource {
  target = module.worker.aws_iam_role_policy.this
}

override_resource {
  target = module.worker.aws_cloudwatch_metric_alarm.this
}

override_resource {
  target = aws_lambda_event_source_mapping.work
}

override_resource {
  target = aws_sqs_queue.work
  values = { arn = "arn:aws:sqs:us-east-1:123456789012:taxi-gateway-work", url = "https://sqs.us-east-1.amazonaws.com/123456789012/taxi-gateway-work" }
}

override_resource {
  target = aws_sqs_queue.work_failures
  values = { arn = "arn:aws:sqs:us-east-1:123456789012:taxi-gateway-work-failures" }
}

override_resource {
  target = aws_s3_bucket.answers
  values = { id = "taxi-answers-1", arn = "arn:aws:s3:::taxi-answers-1" }
}

override_resource {
  target = aws_s3_bucket_public_access_block.answers
}

override_resource {
  target = aws_s3_bucket_ownership_controls.answers
}

override_resource {
  target = aws_s3_bucket_server_side_encryption_configuration.answers
}

override_resource {
  target = aws_s3_bucket_lifecycle_configuration.answers
}

override_resource {
  target = aws_s3_bucket_policy.answers
}

override_resource {
  target = aws_cloudwatch_metric_alarm.work_failures
}

override_resource {
  target = aws_lambda_invocation.login
  values = { result = "{}" }
}

override_resource {
  target = aws_lambda_invocation.check
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
  target = module.deliver.aws_iam_role.schedule
  values = { arn = "arn:aws:iam::123456789012:role/taxi-gateway-sweep" }
}

override_resource {
  target = module.deliver.aws_iam_role_policy.schedule
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
  target = aws_apigatewayv2_integration.ping
}

override_resource {
  target = aws_apigatewayv2_integration_response.ping
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
  target = aws_cloudwatch_metric_alarm.metrics
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
    condition     = jsonencode(jsondecode(data.aws_iam_policy_document.gateway.json).Statement) == jsonencode([{ Sid = "Table", Effect = "Allow", Action = ["dynamodb:Query", "dynamodb:GetItem"], Resource = "arn:aws:dynamodb:us-east-1:123456789012:table/taxi-gateway" }, { Sid = "TableWrites", Effect = "Allow", Action = ["dynamodb:UpdateItem", "dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"], Resource = "arn:aws:dynamodb:us-east-1:123456789012:table/taxi-gateway", Condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["A#*", "C#*", "Q#*", "RUNNING", "T#*", "TURN", "U#*", "VERSION"] } } }, { Sid = "Indexes", Effect = "Allow", Action = "dynamodb:Query", Resource = ["arn:aws:dynamodb:us-east-1:123456789012:table/taxi-gateway/index/pending", "arn:aws:dynamodb:us-east-1:123456789012:table/taxi-gateway/index/live"] }, { Sid = "Answers", Effect = "Allow", Action = ["s3:PutObject", "s3:GetObject"], Resource = "arn:aws:s3:::taxi-answers-1/answers/*" }, { Sid = "MissingAnswers", Effect = "Allow", Action = "s3:ListBucket", Resource = "arn:aws:s3:::taxi-answers-1" }, { Sid = "Connections", Effect = "Allow", Action = "execute-api:ManageConnections", Resource = ["arn:aws:execute-api:us-east-1:123456789012:ws1/v1/POST/@connections/*", "arn:aws:execute-api:us-east-1:123456789012:ws1/v1/GET/@connections/*", "arn:aws:execute-api:us-east-1:123456789012:ws1/v1/DELETE/@connections/*"] }, { Sid = "Deliver", Effect = "Allow", Action = "lambda:InvokeFunction", Resource = "arn:aws:lambda:us-east-1:123456789012:function:taxi-gateway-deliver" }, { Sid = "Work", Effect = "Allow", Action = ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:GetQueueAttributes", "sqs:DeleteMessage"], Resource = "arn:aws:sqs:us-east-1:123456789012:taxi-gateway-work" }])
    error_message = "the functions may use their table, connections and each other, and nothing else"
  }

  assert {
    condition     = output.role.name == "taxi-gateway" && module.socket.role == output.role && module.deliver.role == output.role && module.worker.role == output.role
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
    condition     = jsonencode(jsondecode(data.aws_iam_policy_document.gateway.json).Statement) == jsonencode([{ Sid = "Table", Effect = "Allow", Action = ["dynamodb:Query", "dynamodb:GetItem"], Resource = "arn:aws:dynamodb:us-east-1:123456789012:table/taxi-gateway" }, { Sid = "TableWrites", Effect = "Allow", Action = ["dynamodb:UpdateItem", "dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"], Resource = "arn:aws:dynamodb:us-east-1:123456789012:table/taxi-gateway", Condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["A#*", "C#*", "Q#*", "RUNNING", "T#*", "TURN", "U#*", "VERSION"] } } }, { Sid = "Indexes", Effect = "Allow", Action = "dynamodb:Query", Resource = ["arn:aws:dynamodb:us-east-1:123456789012:table/taxi-gateway/index/pending", "arn:aws:dynamodb:us-east-1:123456789012:table/taxi-gateway/index/live"] }, { Sid = "Answers", Effect = "Allow", Action = ["s3:PutObject", "s3:GetObject"], Resource = "arn:aws:s3:::taxi-answers-1/answers/*" }, { Sid = "MissingAnswers", Effect = "Allow", Action = "s3:ListBucket", Resource = "arn:aws:s3:::taxi-answers-1" }, { Sid = "Connections", Effect = "Allow", Action = "execute-api:ManageConnections", Resource = ["arn:aws:execute-api:us-east-1:123456789012:ws1/v1/POST/@connections/*", "arn:aws:execute-api:us-east-1:123456789012:ws1/v1/GET/@connections/*", "arn:aws:execute-api:us-east-1:123456789012:ws1/v1/DELETE/@connections/*"] }, { Sid = "Deliver", Effect = "Allow", Action = "lambda:InvokeFunction", Resource = "arn:aws:lambda:us-east-1:123456789012:function:taxi-gateway-deliver" }, { Sid = "Work", Effect = "Allow", Action = ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:GetQueueAttributes", "sqs:DeleteMessage"], Resource = "arn:aws:sqs:us-east-1:123456789012:taxi-gateway-work" }, { Sid = "DataKey", Effect = "Allow", Action = ["kms:GenerateDataKey*", "kms:Decrypt"], Resource = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555" }])
    error_message = "the functions may not use the key of the table"
  }

  assert {
    condition     = aws_dynamodb_table.this.server_side_encryption[0].kms_key_arn == var.kms_key_arn && aws_scheduler_schedule.sweep.kms_key_arn == var.kms_key_arn && aws_cloudwatch_log_group.websocket[0].kms_key_id == var.kms_key_arn
    error_message = "something is not under the key"
  }
}
