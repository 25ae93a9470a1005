mock_provider "aws" {
  source = "./mocks"
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

run "schedules" {
  command = apply

  module {
    source = "../../modules/scheduler"
  }

  assert {
    condition     = strcontains(aws_scheduler_schedule.this["trips-nightly"].target[0].input, "\"scheduled_time\":\"<aws.scheduler.scheduled-time>\"")
    error_message = "Scheduler would not find its <aws.scheduler.scheduled-time>"
  }

  assert {
    condition     = jsonencode(jsondecode(aws_scheduler_schedule.this["trips-nightly"].target[0].input)) == jsonencode({ action = "schedule", load = "trips", trigger = "nightly", scheduled_time = "<aws.scheduler.scheduled-time>" })
    error_message = "the input is not the documented one"
  }

  assert {
    condition     = aws_scheduler_schedule.this["trips-nightly"].name == "trips-nightly" && aws_scheduler_schedule.this["trips-nightly"].group_name == "taxi-scheduler" && aws_scheduler_schedule.this["trips-nightly"].schedule_expression == "cron(0 2 * * ? *)" && aws_scheduler_schedule.this["trips-nightly"].schedule_expression_timezone == "Europe/Berlin" && aws_scheduler_schedule.this["trips-nightly"].state == "ENABLED"
    error_message = "the schedule is not as given"
  }

  assert {
    condition     = aws_scheduler_schedule.this["trips-nightly"].flexible_time_window[0].mode == "OFF" && aws_scheduler_schedule.this["trips-once"].flexible_time_window[0].mode == "FLEXIBLE" && aws_scheduler_schedule.this["trips-once"].flexible_time_window[0].maximum_window_in_minutes == 15
    error_message = "the window is not as given"
  }

  assert {
    condition     = aws_scheduler_schedule.this["trips-once"].state == "DISABLED" && aws_scheduler_schedule.this["trips-once"].start_date == "2030-01-01T00:00:00Z" && aws_scheduler_schedule.this["trips-once"].end_date == "2030-02-01T00:00:00Z" && aws_scheduler_schedule.this["trips-once"].schedule_expression_timezone == "UTC"
    error_message = "the second schedule is not as given"
  }

  assert {
    condition     = aws_scheduler_schedule.this["trips-once"].target[0].retry_policy[0].maximum_retry_attempts == 3 && aws_scheduler_schedule.this["trips-once"].target[0].retry_policy[0].maximum_event_age_in_seconds == 600 && aws_scheduler_schedule.this["trips-nightly"].target[0].retry_policy[0].maximum_retry_attempts == 10
    error_message = "the retries are not as given"
  }

  assert {
    condition     = aws_scheduler_schedule.this["trips-nightly"].target[0].dead_letter_config[0].arn == output.failure_queue_arn && aws_scheduler_schedule.this["trips-nightly"].target[0].arn == output.function_arn
    error_message = "the schedule leads elsewhere"
  }

  assert {
    condition     = output.schedule_names == tolist(["trips-nightly", "trips-once"]) && output.sweep_schedule_name == "taxi-scheduler/sweep" && output.load_names == ["mart", "recount", "trips"] && output.table_name == "taxi-loads" && output.statement_name_prefix == "taxi/load/" && output.role.name == "taxi-statements" && output.database_user == null
    error_message = "wrong outputs"
  }

  assert {
    condition     = output.principal_prefix == "arn:aws:sts::123456789012:assumed-role/taxi-statements/"
    error_message = "wrong principal prefix"
  }
}

run "loads" {
  command = apply

  module {
    source = "../../modules/scheduler"
  }

  assert {
    condition     = jsonencode(jsondecode(jsondecode(aws_dynamodb_table_item.load["recount"].item).definition.S)) == jsonencode({ sql = var.loads.recount.sql, statements = null, uses = ["day", "kind", "scheduled_time"], parameters = { kind = "daily" }, events = { dbt = { day = "$.detail.days[0]", scheduled_time = "$.time" } }, after = [], files = null, lane = "counts", overlap = "queue", timeout_minutes = 360, retries = 2, warn_after_minutes = null, expected_every_hours = null })
    error_message = "the definition is not as the function reads it"
  }

  assert {
    condition     = jsonencode(jsondecode(jsondecode(aws_dynamodb_table_item.load["mart"].item).definition.S)) == jsonencode({ sql = null, statements = var.loads.mart.statements, uses = [], parameters = {}, events = {}, after = ["trips", "recount"], files = null, lane = "default", overlap = "latest", timeout_minutes = 60, retries = 0, warn_after_minutes = null, expected_every_hours = null })
    error_message = "literals and comments are not parameters, and neither is a cast"
  }

  assert {
    condition     = jsondecode(aws_dynamodb_table_item.load["mart"].item).pk.S == "DEFINITION" && jsondecode(aws_dynamodb_table_item.load["mart"].item).sk.S == "mart"
    error_message = "the function would not find the definition"
  }

  assert {
    condition     = aws_cloudwatch_event_target.trigger["recount-dbt"].input_transformer[0].input_template == "{\"action\":\"event\",\"load\":\"recount\",\"trigger\":\"dbt\",\"event\":<aws.events.event.json>}"
    error_message = "the event is not handed over as documented"
  }

  assert {
    condition     = aws_cloudwatch_event_rule.trigger["recount-dbt"].event_pattern == var.loads.recount.events.dbt.pattern && output.rule_names == { completed = "taxi-loads-completed", recount-dbt = "taxi-recount-dbt" }
    error_message = "the rule is not as given"
  }

  assert {
    condition     = jsonencode(jsondecode(aws_cloudwatch_event_rule.completed.event_pattern).detail) == jsonencode({ principal = [{ prefix = "arn:aws:sts::123456789012:assumed-role/taxi-statements/" }], state = ["FINISHED", "FAILED", "ABORTED"], statementName = [{ prefix = "taxi/load/" }] })
    error_message = "the ends of other statements would arrive"
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.timers.redrive_policy).deadLetterTargetArn == aws_sqs_queue.timer_failures.arn && contains(aws_lambda_event_source_mapping.timers.function_response_types, "ReportBatchItemFailures")
    error_message = "a timer that fails would be lost"
  }

  assert {
    condition     = aws_scheduler_schedule.sweep.schedule_expression == "rate(1 minute)" && jsondecode(aws_scheduler_schedule.sweep.target[0].input) == { action = "sweep" }
    error_message = "nothing looks after what was left"
  }
}

run "long_names_fit" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    name_prefix = "a-prefix-of-24-character"
    loads       = { a_load_of_20_letters = { sql = "SELECT 1", events = { an_event_with_20_let = { pattern = "{\"source\":[\"a\"]}" }, an_event_with_20_les = { pattern = "{\"source\":[\"a\"]}" } } } }
  }

  assert {
    condition     = alltrue([for name in values(local.rule_names) : length(name) <= 64]) && length(distinct(values(local.rule_names))) == 2
    error_message = "EventBridge takes 64 characters"
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


run "takes_what_aws_takes" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    loads = merge(
      { for i, expression in [
        "cron(0 2 * * ? *)",
        "cron(0/15 8-17 ? * MON-FRI *)",
        "cron(15 10 L * ? 2030)",
        "cron(0 18 15W 1,6,DEC ? 2030-2035)",
        "cron(0 9 ? * 6L *)",
        "cron(0 9 ? * 3#2 *)",
        "cron(0 9 ? * mon,WED *)",
        "cron( 0  2 1-5 * ? *)",
        "rate(1 minute)",
        "rate(15 minutes)",
        "rate(2 days)",
        "at(2028-02-29T02:00:00)",
      ] : "expression_${i}" => { sql = "SELECT 1", schedules = { s = { expression = expression } } } },
      { for i, timezone in ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "US/Pacific", "Asia/Ho_Chi_Minh"] : "timezone_${i}" => { sql = "SELECT 1", schedules = { s = { expression = "rate(1 day)", timezone = timezone } } } },
      { for i, sql in [
        join("", [for n in range(1000) : join("", [for m in range(100) : "x"])]),
        "CALL a(); -- done; really",
        "SELECT ';' AS \"a;b\" /* ; */;",
        "CREATE PROCEDURE p() AS $$ BEGIN DELETE FROM t; END; $$ LANGUAGE plpgsql;",
        "CALL load(:scheduled_time, 'x'::text)",
      ] : "sql_${i}" => { sql = sql, schedules = { s = { expression = "rate(1 day)" } } } },
      { level_0 = { sql = "SELECT 1" } },
      { for n in range(1, 11) : "level_${n}" => { sql = "SELECT 1", after = ["level_${n - 1}"] } },
    )
  }

  assert {
    condition     = length(output.schedule_names) == 23 && length(output.load_names) == 34
    error_message = "a schedule is missing"
  }
}
