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
  target = module.function.aws_cloudwatch_metric_alarm.function
}

override_resource {
  target = module.function.aws_sqs_queue.failures
  values = { arn = "arn:aws:sqs:us-east-1:123456789012:taxi-scheduler-failures" }
}

override_resource {
  target = module.function.aws_lambda_function_event_invoke_config.this
}

override_resource {
  target = module.function.aws_cloudwatch_metric_alarm.failures
}

override_resource {
  target = aws_scheduler_schedule_group.this
  values = { arn = "arn:aws:scheduler:us-east-1:123456789012:schedule-group/taxi-scheduler" }
}

override_resource {
  target = aws_scheduler_schedule.this
}

override_resource {
  target = aws_iam_role.schedules
  values = { arn = "arn:aws:iam::123456789012:role/taxi-schedules" }
}

override_resource {
  target = aws_iam_role_policy.schedules
}

variables {
  name_prefix = "taxi"
  redshift    = { database = "dev", cluster = { identifier = "warehouse", user = "loader" } }
  role        = { name = "taxi-statements", arn = "arn:aws:iam::123456789012:role/taxi-statements" }

  schedules = {
    nightly = {
      schedule_expression = "cron(0 2 * * ? *)"
      timezone            = "Europe/Berlin"
      sql                 = "SELECT 'a' WHERE 1 < 2 AND 3 > 2 AND \"b\" = '\\u003c'"
    }
    once = {
      schedule_expression     = "at(2030-01-31T02:00:00)"
      sql                     = "CALL public.execute_elt_process()"
      flexible_window_minutes = 15
      enabled                 = false
      start                   = "2030-01-01T00:00:00Z"
      end                     = "2030-02-01T00:00:00Z"
      retry                   = { max_attempts = 3, max_age_seconds = 600 }
    }
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
    condition     = jsonencode(jsondecode(data.aws_iam_policy_document.events.json).Statement) == jsonencode([{ Sid = "LoadNotStarted", Effect = "Allow", Action = "events:PutEvents", Resource = "arn:aws:events:us-east-1:123456789012:event-bus/default", Condition = { StringEquals = { "events:detail-type" = "Load Not Started", "events:source" = "redshift-relay" } } }])
    error_message = "the function may put its own events and nothing else"
  }

  assert {
    condition     = jsonencode(jsondecode(aws_iam_role.schedules.assume_role_policy).Statement) == jsonencode([{ Sid = "Scheduler", Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "scheduler.amazonaws.com" }, Condition = { ArnEquals = { "aws:SourceArn" = "arn:aws:scheduler:us-east-1:123456789012:schedule-group/taxi-scheduler" }, StringEquals = { "aws:SourceAccount" = "123456789012" } } }])
    error_message = "the schedules of the group and nobody else take the role"
  }

  assert {
    condition     = jsonencode(jsondecode(aws_iam_role_policy.schedules.policy).Statement) == jsonencode([{ Sid = "Invoke", Effect = "Allow", Action = "lambda:InvokeFunction", Resource = "arn:aws:lambda:us-east-1:123456789012:function:taxi-scheduler" }, { Sid = "DeadLetters", Effect = "Allow", Action = "sqs:SendMessage", Resource = "arn:aws:sqs:us-east-1:123456789012:taxi-scheduler-failures" }])
    error_message = "the schedules may invoke the function and nothing else"
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
    condition     = jsonencode(jsondecode(aws_iam_role_policy.schedules.policy).Statement) == jsonencode([{ Sid = "Invoke", Effect = "Allow", Action = "lambda:InvokeFunction", Resource = "arn:aws:lambda:us-east-1:123456789012:function:taxi-scheduler" }, { Sid = "DeadLetters", Effect = "Allow", Action = "sqs:SendMessage", Resource = "arn:aws:sqs:us-east-1:123456789012:taxi-scheduler-failures" }, { Sid = "Key", Effect = "Allow", Action = ["kms:GenerateDataKey", "kms:Decrypt"], Resource = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555" }])
    error_message = "the schedules may use the key"
  }

  assert {
    condition     = aws_scheduler_schedule.this["nightly"].kms_key_arn == var.kms_key_arn
    error_message = "the schedule is not under the key"
  }
}

run "schedules" {
  command = apply

  module {
    source = "../../modules/scheduler"
  }

  assert {
    condition     = strcontains(aws_scheduler_schedule.this["nightly"].target[0].input, "\"occurrence\":\"<aws.scheduler.scheduled-time>\"")
    error_message = "Scheduler would not find its <aws.scheduler.scheduled-time>"
  }

  assert {
    condition     = jsonencode(jsondecode(aws_scheduler_schedule.this["nightly"].target[0].input)) == jsonencode({ action = "execute_sql", schedule = "nightly", sql = var.schedules.nightly.sql, occurrence = "<aws.scheduler.scheduled-time>" })
    error_message = "the input is not the documented one"
  }

  assert {
    condition     = aws_scheduler_schedule.this["nightly"].name == "nightly" && aws_scheduler_schedule.this["nightly"].group_name == "taxi-scheduler" && aws_scheduler_schedule.this["nightly"].schedule_expression == "cron(0 2 * * ? *)" && aws_scheduler_schedule.this["nightly"].schedule_expression_timezone == "Europe/Berlin" && aws_scheduler_schedule.this["nightly"].state == "ENABLED"
    error_message = "the schedule is not as given"
  }

  assert {
    condition     = aws_scheduler_schedule.this["nightly"].flexible_time_window[0].mode == "OFF" && aws_scheduler_schedule.this["once"].flexible_time_window[0].mode == "FLEXIBLE" && aws_scheduler_schedule.this["once"].flexible_time_window[0].maximum_window_in_minutes == 15
    error_message = "the window is not as given"
  }

  assert {
    condition     = aws_scheduler_schedule.this["once"].state == "DISABLED" && aws_scheduler_schedule.this["once"].start_date == "2030-01-01T00:00:00Z" && aws_scheduler_schedule.this["once"].end_date == "2030-02-01T00:00:00Z" && aws_scheduler_schedule.this["once"].schedule_expression_timezone == "UTC"
    error_message = "the second schedule is not as given"
  }

  assert {
    condition     = aws_scheduler_schedule.this["once"].target[0].retry_policy[0].maximum_retry_attempts == 3 && aws_scheduler_schedule.this["once"].target[0].retry_policy[0].maximum_event_age_in_seconds == 600 && aws_scheduler_schedule.this["nightly"].target[0].retry_policy[0].maximum_retry_attempts == 10
    error_message = "the retries are not as given"
  }

  assert {
    condition     = aws_scheduler_schedule.this["nightly"].target[0].dead_letter_config[0].arn == output.failure_queue_arn && aws_scheduler_schedule.this["nightly"].target[0].arn == output.function_arn
    error_message = "the schedule leads elsewhere"
  }

  assert {
    condition     = output.schedule_names == tolist(["nightly", "once"]) && output.statement_name_prefix == "taxi/load/" && output.role.name == "taxi-statements" && output.database_user == null
    error_message = "wrong outputs"
  }

  assert {
    condition     = output.principal_prefix == "arn:aws:sts::123456789012:assumed-role/taxi-statements/"
    error_message = "wrong principal prefix"
  }
}

run "with_a_role_of_its_own" {
  command = apply

  module {
    source = "../../modules/scheduler"
  }

  variables {
    role = null
  }

  assert {
    condition     = length(module.statement_role) == 1 && output.role.name == "taxi-scheduler" && output.database_user == "loader"
    error_message = "no statement role was made"
  }
}

run "sql_of_100_kb_passes" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    schedules = { nightly = { schedule_expression = "rate(1 day)", sql = join("", [for n in range(1000) : join("", [for m in range(100) : "x"])]) } }
  }

  assert {
    condition     = length(output.schedule_names) == 1
    error_message = "a statement of 100 KB is allowed"
  }
}

# Every validation refuses what it is there for.

run "refuses_wrong_settings" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    name_prefix          = "Taxi_"
    permissions_boundary = "boundary"
    log_retention_days   = 31
    kms_key_arn          = "alias/relay"
    log_level            = "LOUD"
    reserved_concurrency = 0
  }

  expect_failures = [var.name_prefix, var.permissions_boundary, var.log_retention_days, var.kms_key_arn, var.log_level, var.reserved_concurrency]
}

run "refuses_wrong_mix_of_redshift" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    redshift = { database = "dev", cluster = { identifier = "warehouse", user = "loader" }, secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:s" }
  }

  expect_failures = [var.redshift]
}

run "refuses_schedule_name" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    schedules = { "every night" = { schedule_expression = "rate(1 day)", sql = "SELECT 1" } }
  }

  expect_failures = [var.schedules]
}

run "refuses_schedule_expression" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    schedules = { nightly = { schedule_expression = "every day", sql = "SELECT 1" } }
  }

  expect_failures = [var.schedules]
}

run "refuses_empty_sql" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    schedules = { nightly = { schedule_expression = "rate(1 day)", sql = " " } }
  }

  expect_failures = [var.schedules]
}

run "refuses_sql_above_100_kb" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    schedules = { nightly = { schedule_expression = "rate(1 day)", sql = join("", [for n in range(500) : join("", [for m in range(101) : "é"])]) } }
  }

  expect_failures = [var.schedules]
}

run "refuses_window" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    schedules = { nightly = { schedule_expression = "rate(1 day)", sql = "SELECT 1", flexible_window_minutes = 0 } }
  }

  expect_failures = [var.schedules]
}

run "refuses_retry_attempts" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    schedules = { nightly = { schedule_expression = "rate(1 day)", sql = "SELECT 1", retry = { max_attempts = 186 } } }
  }

  expect_failures = [var.schedules]
}

run "refuses_retry_age" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    schedules = { nightly = { schedule_expression = "rate(1 day)", sql = "SELECT 1", retry = { max_age_seconds = 59 } } }
  }

  expect_failures = [var.schedules]
}

run "refuses_start" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    schedules = { nightly = { schedule_expression = "rate(1 day)", sql = "SELECT 1", start = "tomorrow" } }
  }

  expect_failures = [var.schedules]
}

run "refuses_start_with_an_offset" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    schedules = { nightly = { schedule_expression = "rate(1 day)", sql = "SELECT 1", start = "2030-01-31T01:00:00+01:00" } }
  }

  expect_failures = [var.schedules]
}

run "refuses_end_with_an_offset" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    schedules = { nightly = { schedule_expression = "rate(1 day)", sql = "SELECT 1", end = "2030-01-31T00:00:00-00:00" } }
  }

  expect_failures = [var.schedules]
}

run "refuses_end_with_fractions" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    schedules = { nightly = { schedule_expression = "rate(1 day)", sql = "SELECT 1", end = "2030-01-31T00:00:00.0Z" } }
  }

  expect_failures = [var.schedules]
}

run "refuses_start_that_is_no_day" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    schedules = { nightly = { schedule_expression = "rate(1 day)", sql = "SELECT 1", start = "2030-02-31T00:00:00Z" } }
  }

  expect_failures = [var.schedules]
}
