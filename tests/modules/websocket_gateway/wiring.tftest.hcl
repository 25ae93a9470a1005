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

run "wiring" {
  command = apply

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    data_version_events = { dbt = "{\"source\": [\"dbt\"]}" }
  }

  assert {
    condition     = aws_lambda_invocation.check[0].lifecycle_scope == "CREATE_ONLY" && jsondecode(aws_lambda_invocation.check[0].input).action == "check_queries" && jsonencode(keys(jsondecode(aws_lambda_invocation.check[0].input).queries)) == jsonencode(keys(var.queries))
    error_message = "the check of the queries has another input or scope"
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
    condition     = aws_cloudwatch_event_target.this["dbt"].input_transformer[0].input_template == "{\"data_changed_by\": \"dbt\", \"event\": <aws.events.event.json>}" && length(aws_cloudwatch_event_target.this["run_ended"].input_transformer) == 0
    error_message = "the function is not told by what the data changed"
  }

  assert {
    condition     = aws_scheduler_schedule.sweep.schedule_expression == "rate(1 minute)" && jsondecode(aws_scheduler_schedule.sweep.target[0].input) == { action = "sweep" } && output.sweep_schedule_name == "taxi-gateway/sweep"
    error_message = "the sweep is wrong"
  }

  assert {
    condition     = output.function_names == { socket = "taxi-gateway-socket", deliver = "taxi-gateway-deliver", worker = "taxi-gateway-worker" } && local.deliver_function == output.function_names.deliver
    error_message = "wrong names"
  }

  assert {
    condition     = jsonencode(local.environment) == jsonencode({ TABLE = "taxi-gateway", MANAGEMENT_ENDPOINT = "https://ws1.execute-api.us-east-1.amazonaws.com/v1", DELIVER_FUNCTION = "taxi-gateway-deliver", ANSWERS_BUCKET = aws_s3_bucket.answers.id, WORK_QUEUE = aws_sqs_queue.work.url, AUTHORIZATION = "NONE", ALLOWED_ORIGINS = "[\"*\"]", MAX_OPEN_REQUESTS = "20", MAX_MESSAGE_BYTES = "16384", OUTGOING_MESSAGE_BYTES = "120000", MAX_RUNNING_STATEMENTS = "100", MAX_RUNNING_PER_PERSON = "20", MAX_CONNECTIONS_PER_PERSON = "20", MAX_STARTS_PER_PERSON = "60", GROUPS_CLAIM = "cognito:groups", CLAIMS = "[\"cognito:groups\",\"custom:tenant\"]", URL_CREDENTIALS = "[\"ticket\"]", VERSIONED = "true" })
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
    condition     = output.database_user == "reader" && !jsondecode(aws_lambda_invocation.login.input).needed
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
    condition     = output.principal_prefix == "arn:aws:sts::123456789012:assumed-role/company-reader/" && local.environment.VERSIONED == "false"
    error_message = "wrong settings"
  }
}
