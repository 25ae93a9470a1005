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

run "refuses_load_name" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    loads = { Trips = { sql = "SELECT 1" } }
  }

  expect_failures = [var.loads]
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

run "refuses_trigger_and_lane_names" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    loads = {
      a = { sql = "SELECT 1", lane = "two words" }
      b = { sql = "SELECT 1", schedules = { "every-night" = { expression = "rate(1 day)" } } }
      c = { sql = "SELECT 1", events = { a_name_of_21_letters_ = { pattern = "{\"source\":[\"a\"]}" } } }
    }
  }

  expect_failures = [var.loads]
}

run "refuses_schedules_that_aws_refuses" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    loads = { for name, schedule in {
      no_expression      = { expression = "every day" }
      five_fields        = { expression = "cron(30 2 * * *)" }
      seven_fields       = { expression = "cron(0 30 2 * * ? *)" }
      minute_60          = { expression = "cron(60 2 * * ? *)" }
      hour_25            = { expression = "cron(30 25 * * ? *)" }
      day_32             = { expression = "cron(0 2 32 * ? *)" }
      day_0              = { expression = "cron(0 2 0 * ? *)" }
      month_13           = { expression = "cron(0 2 1 13 ? *)" }
      month_name         = { expression = "cron(0 2 1 JANUARY ? *)" }
      day_of_week_8      = { expression = "cron(0 2 ? * 8 *)" }
      day_of_week_0      = { expression = "cron(0 2 ? * 0 *)" }
      year_1969          = { expression = "cron(0 2 * * ? 1969)" }
      two_stars          = { expression = "cron(0 2 * * * *)" }
      two_question_marks = { expression = "cron(0 2 ? * ? *)" }
      range              = { expression = "cron(0 2-25 * * ? *)" }
      letters            = { expression = "cron(a 2 * * ? *)" }
      open_cron          = { expression = "cron(0 2 * * ? *" }
      rate_0             = { expression = "rate(0 minutes)" }
      rate_1_days        = { expression = "rate(1 days)" }
      rate_2_day         = { expression = "rate(2 day)" }
      rate_spaced        = { expression = "rate(1 day s)" }
      rate_weeks         = { expression = "rate(2 weeks)" }
      rate_fraction      = { expression = "rate(1.5 hours)" }
      at_zone            = { expression = "at(2030-01-31T02:00:00Z)" }
      at_no_day          = { expression = "at(2030-02-31T02:00:00)" }
      at_minutes         = { expression = "at(2030-01-31T02:00)" }
      timezone_city      = { expression = "rate(1 day)", timezone = "Berlin" }
      timezone_case      = { expression = "rate(1 day)", timezone = "europe/berlin" }
      timezone_offset    = { expression = "rate(1 day)", timezone = "+01:00" }
      timezone_country   = { expression = "rate(1 day)", timezone = "Germany/Berlin" }
      window_0           = { expression = "rate(1 day)", flexible_window_minutes = 0 }
      window_1441        = { expression = "rate(1 day)", flexible_window_minutes = 1441 }
      attempts_186       = { expression = "rate(1 day)", retry = { max_attempts = 186 } }
      age_59             = { expression = "rate(1 day)", retry = { max_age_seconds = 59 } }
      start_text         = { expression = "rate(1 day)", start = "tomorrow" }
      start_offset       = { expression = "rate(1 day)", start = "2030-01-31T01:00:00+01:00" }
      start_no_day       = { expression = "rate(1 day)", start = "2030-02-31T00:00:00Z" }
      end_offset         = { expression = "rate(1 day)", end = "2030-01-31T00:00:00-00:00" }
      end_fraction       = { expression = "rate(1 day)", end = "2030-01-31T00:00:00.0Z" }
    } : name => { sql = "SELECT 1", schedules = { s = schedule } } }
  }

  expect_failures = [
    aws_dynamodb_table_item.load["no_expression"],
    aws_dynamodb_table_item.load["five_fields"],
    aws_dynamodb_table_item.load["seven_fields"],
    aws_dynamodb_table_item.load["minute_60"],
    aws_dynamodb_table_item.load["hour_25"],
    aws_dynamodb_table_item.load["day_32"],
    aws_dynamodb_table_item.load["day_0"],
    aws_dynamodb_table_item.load["month_13"],
    aws_dynamodb_table_item.load["month_name"],
    aws_dynamodb_table_item.load["day_of_week_8"],
    aws_dynamodb_table_item.load["day_of_week_0"],
    aws_dynamodb_table_item.load["year_1969"],
    aws_dynamodb_table_item.load["two_stars"],
    aws_dynamodb_table_item.load["two_question_marks"],
    aws_dynamodb_table_item.load["range"],
    aws_dynamodb_table_item.load["letters"],
    aws_dynamodb_table_item.load["open_cron"],
    aws_dynamodb_table_item.load["rate_0"],
    aws_dynamodb_table_item.load["rate_1_days"],
    aws_dynamodb_table_item.load["rate_2_day"],
    aws_dynamodb_table_item.load["rate_spaced"],
    aws_dynamodb_table_item.load["rate_weeks"],
    aws_dynamodb_table_item.load["rate_fraction"],
    aws_dynamodb_table_item.load["at_zone"],
    aws_dynamodb_table_item.load["at_no_day"],
    aws_dynamodb_table_item.load["at_minutes"],
    aws_dynamodb_table_item.load["timezone_city"],
    aws_dynamodb_table_item.load["timezone_case"],
    aws_dynamodb_table_item.load["timezone_offset"],
    aws_dynamodb_table_item.load["timezone_country"],
    aws_dynamodb_table_item.load["window_0"],
    aws_dynamodb_table_item.load["window_1441"],
    aws_dynamodb_table_item.load["attempts_186"],
    aws_dynamodb_table_item.load["age_59"],
    aws_dynamodb_table_item.load["start_text"],
    aws_dynamodb_table_item.load["start_offset"],
    aws_dynamodb_table_item.load["start_no_day"],
    aws_dynamodb_table_item.load["end_offset"],
    aws_dynamodb_table_item.load["end_fraction"],
  ]
}

run "refuses_loads" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    loads = {
      good                = { sql = "CALL p()" }
      level_0             = { sql = "CALL p()" }
      level_1             = { sql = "CALL p()", after = ["level_0"] }
      level_2             = { sql = "CALL p()", after = ["level_1"] }
      level_3             = { sql = "CALL p()", after = ["level_2"] }
      level_4             = { sql = "CALL p()", after = ["level_3"] }
      level_5             = { sql = "CALL p()", after = ["level_4"] }
      level_6             = { sql = "CALL p()", after = ["level_5"] }
      level_7             = { sql = "CALL p()", after = ["level_6"] }
      level_8             = { sql = "CALL p()", after = ["level_7"] }
      level_9             = { sql = "CALL p()", after = ["level_8"] }
      level_10            = { sql = "CALL p()", after = ["level_9"] }
      empty_sql           = { sql = " " }
      comment_only        = { sql = "-- nothing" }
      two_statements      = { sql = "CALL a(); CALL b()" }
      long_sql            = { sql = join("", [for n in range(500) : join("", [for m in range(101) : "é"])]) }
      no_sql              = {}
      sql_and_statements  = { sql = "SELECT 1", statements = ["SELECT 1"] }
      no_statements       = { statements = [] }
      statements_41       = { statements = [for n in range(41) : "SELECT 1"] }
      two_in_one          = { statements = ["SELECT 1; SELECT 2"] }
      too_large           = { statements = [for n in range(4) : "SELECT ${join(", ", [for m in range(1000) : join("", [for k in range(90) : "1"])])}"] }
      batch_parameters    = { statements = ["CALL p(:scheduled_time)"] }
      copy_parameter      = { sql = "COPY t FROM :manifest IAM_ROLE default MANIFEST", files = { bucket = "landing", pattern = "a/*" } }
      unused_parameter    = { sql = "CALL p()", parameters = { day = "1" } }
      empty_parameter     = { sql = "CALL p(:day)", parameters = { day = "" } }
      fixed_time          = { sql = "CALL p(:scheduled_time)", parameters = { scheduled_time = "2030-01-01T00:00:00Z" } }
      unused_path         = { sql = "CALL p()", events = { e = { pattern = "{\"source\":[\"a\"]}", parameters = { day = "$.detail.day" } } } }
      path                = { sql = "CALL p(:day)", events = { e = { pattern = "{\"source\":[\"a\"]}", parameters = { day = "detail.day" } } } }
      path_filter         = { sql = "CALL p(:day)", events = { e = { pattern = "{\"source\":[\"a\"]}", parameters = { day = "$.detail[?(@.x)]" } } } }
      event_without_value = { sql = "CALL p(:day)", events = { e = { pattern = "{\"source\":[\"a\"]}" } } }
      sched_without_value = { sql = "CALL p(:day)", schedules = { s = { expression = "rate(1 day)" } } }
      event_without_time  = { sql = "CALL p(:scheduled_time)", events = { e = { pattern = "{\"source\":[\"a\"]}" } } }
      after_without_value = { sql = "CALL p(:day)", after = ["good"] }
      pattern_text        = { sql = "CALL p()", events = { e = { pattern = "source" } } }
      pattern_empty       = { sql = "CALL p()", events = { e = { pattern = "{}" } } }
      after_unknown       = { sql = "CALL p()", after = ["nobody"] }
      after_twice         = { sql = "CALL p()", after = ["good", "good"] }
      after_itself        = { sql = "CALL p()", after = ["after_itself"] }
      circle_a            = { sql = "CALL p()", after = ["circle_b"] }
      circle_b            = { sql = "CALL p()", after = ["circle_c"] }
      circle_c            = { sql = "CALL p()", after = ["circle_a"] }
      level_11            = { sql = "CALL p()", after = ["level_10"] }
      overlap             = { sql = "CALL p()", overlap = "drop" }
      timeout_0           = { sql = "CALL p()", timeout_minutes = 0 }
      timeout_1441        = { sql = "CALL p()", timeout_minutes = 1441 }
      timeout_fraction    = { sql = "CALL p()", timeout_minutes = 1.5 }
      retries_11          = { sql = "CALL p()", retries = 11 }
      retries_negative    = { sql = "CALL p()", retries = -1 }
    }
  }

  expect_failures = [
    aws_dynamodb_table_item.load["empty_sql"],
    aws_dynamodb_table_item.load["comment_only"],
    aws_dynamodb_table_item.load["two_statements"],
    aws_dynamodb_table_item.load["long_sql"],
    aws_dynamodb_table_item.load["no_sql"],
    aws_dynamodb_table_item.load["sql_and_statements"],
    aws_dynamodb_table_item.load["no_statements"],
    aws_dynamodb_table_item.load["statements_41"],
    aws_dynamodb_table_item.load["two_in_one"],
    aws_dynamodb_table_item.load["too_large"],
    aws_dynamodb_table_item.load["batch_parameters"],
    aws_dynamodb_table_item.load["copy_parameter"],
    aws_dynamodb_table_item.load["unused_parameter"],
    aws_dynamodb_table_item.load["empty_parameter"],
    aws_dynamodb_table_item.load["fixed_time"],
    aws_dynamodb_table_item.load["unused_path"],
    aws_dynamodb_table_item.load["path"],
    aws_dynamodb_table_item.load["path_filter"],
    aws_dynamodb_table_item.load["event_without_value"],
    aws_dynamodb_table_item.load["sched_without_value"],
    aws_dynamodb_table_item.load["event_without_time"],
    aws_dynamodb_table_item.load["after_without_value"],
    aws_dynamodb_table_item.load["pattern_text"],
    aws_dynamodb_table_item.load["pattern_empty"],
    aws_dynamodb_table_item.load["after_unknown"],
    aws_dynamodb_table_item.load["after_twice"],
    aws_dynamodb_table_item.load["after_itself"],
    aws_dynamodb_table_item.load["circle_a"],
    aws_dynamodb_table_item.load["circle_b"],
    aws_dynamodb_table_item.load["circle_c"],
    aws_dynamodb_table_item.load["level_11"],
    aws_dynamodb_table_item.load["overlap"],
    aws_dynamodb_table_item.load["timeout_0"],
    aws_dynamodb_table_item.load["timeout_1441"],
    aws_dynamodb_table_item.load["timeout_fraction"],
    aws_dynamodb_table_item.load["retries_11"],
    aws_dynamodb_table_item.load["retries_negative"],
  ]
}
