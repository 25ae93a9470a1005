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
  target = module.function.data.aws_caller_identity.this
  values = { account_id = "123456789012" }
}

override_resource {
  target = module.function.aws_cloudwatch_log_group.this
  values = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/taxi-scheduler" }
}

override_resource {
  target = module.function.aws_lambda_function.this
  values = { arn = "arn:aws:lambda:us-east-1:123456789012:function:taxi-scheduler" }
}

override_resource {
  target = module.function.aws_iam_role_policy.function
}

override_resource {
  target = module.function.aws_iam_role_policy.this
}

override_resource {
  target = module.function.aws_cloudwatch_metric_alarm.this
}

override_resource {
  target = module.function.aws_sqs_queue.failures
  values = { arn = "arn:aws:sqs:us-east-1:123456789012:taxi-scheduler-failures" }
}

override_resource {
  target = module.function.aws_lambda_function_event_invoke_config.this
}

override_resource {
  target = aws_scheduler_schedule_group.this
  values = { arn = "arn:aws:scheduler:us-east-1:123456789012:schedule-group/taxi-scheduler" }
}

override_resource {
  target = aws_scheduler_schedule.this
}

override_resource {
  target = aws_scheduler_schedule.sweep
}

override_resource {
  target = aws_dynamodb_table.loads
  values = { arn = "arn:aws:dynamodb:us-east-1:123456789012:table/taxi-loads" }
}

override_resource {
  target = aws_dynamodb_table_item.load
}

override_resource {
  target = aws_sqs_queue.timers
  values = { arn = "arn:aws:sqs:us-east-1:123456789012:taxi-scheduler-timers", url = "https://sqs/timers" }
}

override_resource {
  target = aws_sqs_queue.timer_failures
  values = { arn = "arn:aws:sqs:us-east-1:123456789012:taxi-scheduler-timer-failures" }
}

override_resource {
  target = aws_lambda_event_source_mapping.timers
}

override_resource {
  target = aws_cloudwatch_metric_alarm.timer_failures
}

override_resource {
  target = aws_cloudwatch_event_rule.completed
  values = { arn = "arn:aws:events:us-east-1:123456789012:rule/taxi-loads-completed" }
}

override_resource {
  target = aws_cloudwatch_event_rule.trigger
  values = { arn = "arn:aws:events:us-east-1:123456789012:rule/taxi-recount-dbt" }
}

override_resource {
  target = aws_cloudwatch_event_target.completed
}

override_resource {
  target = aws_cloudwatch_event_target.trigger
}

override_resource {
  target = module.function.aws_lambda_permission.rule
}

override_resource {
  target = module.function.aws_iam_role.schedule
  values = { arn = "arn:aws:iam::123456789012:role/taxi-schedules" }
}

override_resource {
  target = module.function.aws_iam_role_policy.schedule
}

variables {
  name_prefix = "taxi"
  redshift    = { database = "dev", cluster = { identifier = "warehouse", user = "loader" } }
  role        = { name = "taxi-statements", arn = "arn:aws:iam::123456789012:role/taxi-statements" }

  loads = {
    trips = {
      sql = "SELECT 'a' WHERE 1 < 2 AND 3 > 2 AND \"b\" = '\\u003c'"
      schedules = {
        nightly = { expression = "cron(0 2 * * ? *)", timezone = "Europe/Berlin" }
        once = {
          expression              = "at(2030-01-31T02:00:00)"
          flexible_window_minutes = 15
          enabled                 = false
          start                   = "2030-01-01T00:00:00Z"
          end                     = "2030-02-01T00:00:00Z"
          retry                   = { max_attempts = 3, max_age_seconds = 600 }
        }
      }
    }
    recount = {
      sql        = "CALL recount(:day, :kind, :scheduled_time)"
      parameters = { kind = "daily" }
      events     = { dbt = { pattern = jsonencode({ source = ["dbt"] }), parameters = { day = "$.detail.days[0]", scheduled_time = "$.time" } } }
      lane       = "counts"
      overlap    = "queue"
    }
    mart = { statements = ["DELETE FROM mart", "INSERT INTO mart SELECT ':no'::text, 1 -- :no"], after = ["trips", "recount"], timeout_minutes = 60, retries = 0 }
  }
}

run "policies" {
  command = apply

  module {
    source = "../../modules/scheduler"
  }

  providers = {
    aws = aws.rendered
  }

  assert {
    condition     = jsonencode(jsondecode(data.aws_iam_policy_document.events.json).Statement) == jsonencode([{ Sid = "LoadEvents", Effect = "Allow", Action = "events:PutEvents", Resource = "arn:aws:events:us-east-1:123456789012:event-bus/default", Condition = { "ForAllValues:StringEquals" = { "events:detail-type" = ["Load Failed", "Load Finished", "Load Not Started"], "events:source" = "redshift-relay" }, Null = { "events:detail-type" = "false", "events:source" = "false" } } }])
    error_message = "the function may put its own events and nothing else"
  }

  assert {
    condition     = jsonencode(jsondecode(data.aws_iam_policy_document.state.json).Statement) == jsonencode([{ Sid = "Loads", Effect = "Allow", Action = ["dynamodb:Query", "dynamodb:GetItem"], Resource = "arn:aws:dynamodb:us-east-1:123456789012:table/taxi-loads" }, { Sid = "LoadsWrites", Effect = "Allow", Action = ["dynamodb:UpdateItem", "dynamodb:PutItem", "dynamodb:DeleteItem"], Resource = "arn:aws:dynamodb:us-east-1:123456789012:table/taxi-loads", Condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["LANE#*", "LANES", "LOAD#*", "TODO"] } } }])
    error_message = "the function may write state, and only read definitions"
  }

  assert {
    condition     = jsonencode(jsondecode(data.aws_iam_policy_document.timers.json).Statement) == jsonencode([{ Sid = "Timers", Effect = "Allow", Action = ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:GetQueueAttributes", "sqs:DeleteMessage"], Resource = "arn:aws:sqs:us-east-1:123456789012:taxi-scheduler-timers" }])
    error_message = "the function may use its own queue and nothing else"
  }
}

run "policies_with_key" {
  command = apply

  module {
    source = "../../modules/scheduler"
  }

  providers = {
    aws = aws.rendered
  }

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  }

  assert {
    condition     = aws_scheduler_schedule.this["trips-nightly"].kms_key_arn == var.kms_key_arn && aws_scheduler_schedule.sweep.kms_key_arn == var.kms_key_arn && jsondecode(data.aws_iam_policy_document.timers.json).Statement[1].Resource == var.kms_key_arn && jsondecode(data.aws_iam_policy_document.state.json).Statement[2].Resource == var.kms_key_arn
    error_message = "schedules, table or timers do without the key"
  }
}
