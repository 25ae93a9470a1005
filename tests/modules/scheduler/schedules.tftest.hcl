mock_provider "aws" {
  source = "./mocks"
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


run "takes_what_aws_takes" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    schedules = merge(
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
      ] : "expression-${i}" => { schedule_expression = expression, sql = "SELECT 1" } },
      { for i, timezone in ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "US/Pacific", "Asia/Ho_Chi_Minh"] : "timezone-${i}" => { schedule_expression = "rate(1 day)", timezone = timezone, sql = "SELECT 1" } },
      { for i, sql in [
        join("", [for n in range(1000) : join("", [for m in range(100) : "x"])]),
        "CALL a(); -- done; really",
        "SELECT ';' AS \"a;b\" /* ; */;",
        "CREATE PROCEDURE p() AS $$ BEGIN DELETE FROM t; END; $$ LANGUAGE plpgsql;",
      ] : "sql-${i}" => { schedule_expression = "rate(1 day)", sql = sql } },
    )
  }

  assert {
    condition     = length(output.schedule_names) == 22
    error_message = "a schedule is missing"
  }
}
