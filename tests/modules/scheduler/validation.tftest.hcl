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

run "refuses_database_roles_of_a_given_role" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    redshift       = { database = "dev", workgroup = { name = "wg-1", arn = "arn:aws:redshift-serverless:us-east-1:123456789012:workgroup/1" } }
    database_roles = ["analyst"]
  }

  expect_failures = [var.database_roles]
}

run "refuses_what_aws_refuses" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    schedules = {
      no_expression      = { schedule_expression = "every day", sql = "SELECT 1" }
      five_fields        = { schedule_expression = "cron(30 2 * * *)", sql = "SELECT 1" }
      seven_fields       = { schedule_expression = "cron(0 30 2 * * ? *)", sql = "SELECT 1" }
      minute_60          = { schedule_expression = "cron(60 2 * * ? *)", sql = "SELECT 1" }
      hour_25            = { schedule_expression = "cron(30 25 * * ? *)", sql = "SELECT 1" }
      day_32             = { schedule_expression = "cron(0 2 32 * ? *)", sql = "SELECT 1" }
      day_0              = { schedule_expression = "cron(0 2 0 * ? *)", sql = "SELECT 1" }
      month_13           = { schedule_expression = "cron(0 2 1 13 ? *)", sql = "SELECT 1" }
      month_name         = { schedule_expression = "cron(0 2 1 JANUARY ? *)", sql = "SELECT 1" }
      day_of_week_8      = { schedule_expression = "cron(0 2 ? * 8 *)", sql = "SELECT 1" }
      day_of_week_0      = { schedule_expression = "cron(0 2 ? * 0 *)", sql = "SELECT 1" }
      year_1969          = { schedule_expression = "cron(0 2 * * ? 1969)", sql = "SELECT 1" }
      two_stars          = { schedule_expression = "cron(0 2 * * * *)", sql = "SELECT 1" }
      two_question_marks = { schedule_expression = "cron(0 2 ? * ? *)", sql = "SELECT 1" }
      range              = { schedule_expression = "cron(0 2-25 * * ? *)", sql = "SELECT 1" }
      letters            = { schedule_expression = "cron(a 2 * * ? *)", sql = "SELECT 1" }
      open_cron          = { schedule_expression = "cron(0 2 * * ? *", sql = "SELECT 1" }
      rate_0             = { schedule_expression = "rate(0 minutes)", sql = "SELECT 1" }
      rate_1_days        = { schedule_expression = "rate(1 days)", sql = "SELECT 1" }
      rate_2_day         = { schedule_expression = "rate(2 day)", sql = "SELECT 1" }
      rate_spaced        = { schedule_expression = "rate(1 day s)", sql = "SELECT 1" }
      rate_weeks         = { schedule_expression = "rate(2 weeks)", sql = "SELECT 1" }
      rate_fraction      = { schedule_expression = "rate(1.5 hours)", sql = "SELECT 1" }
      at_zone            = { schedule_expression = "at(2030-01-31T02:00:00Z)", sql = "SELECT 1" }
      at_no_day          = { schedule_expression = "at(2030-02-31T02:00:00)", sql = "SELECT 1" }
      at_minutes         = { schedule_expression = "at(2030-01-31T02:00)", sql = "SELECT 1" }
      timezone_city      = { schedule_expression = "rate(1 day)", sql = "SELECT 1", timezone = "Berlin" }
      timezone_case      = { schedule_expression = "rate(1 day)", sql = "SELECT 1", timezone = "europe/berlin" }
      timezone_offset    = { schedule_expression = "rate(1 day)", sql = "SELECT 1", timezone = "+01:00" }
      timezone_country   = { schedule_expression = "rate(1 day)", sql = "SELECT 1", timezone = "Germany/Berlin" }
      empty_sql          = { schedule_expression = "rate(1 day)", sql = " " }
      comment_only       = { schedule_expression = "rate(1 day)", sql = "-- nothing" }
      two_statements     = { schedule_expression = "rate(1 day)", sql = "CALL a(); CALL b()" }
      long_sql           = { schedule_expression = "rate(1 day)", sql = join("", [for n in range(500) : join("", [for m in range(101) : "é"])]) }
      window_0           = { schedule_expression = "rate(1 day)", sql = "SELECT 1", flexible_window_minutes = 0 }
      window_1441        = { schedule_expression = "rate(1 day)", sql = "SELECT 1", flexible_window_minutes = 1441 }
      attempts_186       = { schedule_expression = "rate(1 day)", sql = "SELECT 1", retry = { max_attempts = 186 } }
      age_59             = { schedule_expression = "rate(1 day)", sql = "SELECT 1", retry = { max_age_seconds = 59 } }
      start_text         = { schedule_expression = "rate(1 day)", sql = "SELECT 1", start = "tomorrow" }
      start_offset       = { schedule_expression = "rate(1 day)", sql = "SELECT 1", start = "2030-01-31T01:00:00+01:00" }
      start_no_day       = { schedule_expression = "rate(1 day)", sql = "SELECT 1", start = "2030-02-31T00:00:00Z" }
      end_offset         = { schedule_expression = "rate(1 day)", sql = "SELECT 1", end = "2030-01-31T00:00:00-00:00" }
      end_fraction       = { schedule_expression = "rate(1 day)", sql = "SELECT 1", end = "2030-01-31T00:00:00.0Z" }
    }
  }

  expect_failures = [
    aws_scheduler_schedule.this["no_expression"],
    aws_scheduler_schedule.this["five_fields"],
    aws_scheduler_schedule.this["seven_fields"],
    aws_scheduler_schedule.this["minute_60"],
    aws_scheduler_schedule.this["hour_25"],
    aws_scheduler_schedule.this["day_32"],
    aws_scheduler_schedule.this["day_0"],
    aws_scheduler_schedule.this["month_13"],
    aws_scheduler_schedule.this["month_name"],
    aws_scheduler_schedule.this["day_of_week_8"],
    aws_scheduler_schedule.this["day_of_week_0"],
    aws_scheduler_schedule.this["year_1969"],
    aws_scheduler_schedule.this["two_stars"],
    aws_scheduler_schedule.this["two_question_marks"],
    aws_scheduler_schedule.this["range"],
    aws_scheduler_schedule.this["letters"],
    aws_scheduler_schedule.this["open_cron"],
    aws_scheduler_schedule.this["rate_0"],
    aws_scheduler_schedule.this["rate_1_days"],
    aws_scheduler_schedule.this["rate_2_day"],
    aws_scheduler_schedule.this["rate_spaced"],
    aws_scheduler_schedule.this["rate_weeks"],
    aws_scheduler_schedule.this["rate_fraction"],
    aws_scheduler_schedule.this["at_zone"],
    aws_scheduler_schedule.this["at_no_day"],
    aws_scheduler_schedule.this["at_minutes"],
    aws_scheduler_schedule.this["timezone_city"],
    aws_scheduler_schedule.this["timezone_case"],
    aws_scheduler_schedule.this["timezone_offset"],
    aws_scheduler_schedule.this["timezone_country"],
    aws_scheduler_schedule.this["empty_sql"],
    aws_scheduler_schedule.this["comment_only"],
    aws_scheduler_schedule.this["two_statements"],
    aws_scheduler_schedule.this["long_sql"],
    aws_scheduler_schedule.this["window_0"],
    aws_scheduler_schedule.this["window_1441"],
    aws_scheduler_schedule.this["attempts_186"],
    aws_scheduler_schedule.this["age_59"],
    aws_scheduler_schedule.this["start_text"],
    aws_scheduler_schedule.this["start_offset"],
    aws_scheduler_schedule.this["start_no_day"],
    aws_scheduler_schedule.this["end_offset"],
    aws_scheduler_schedule.this["end_fraction"],
  ]
}
