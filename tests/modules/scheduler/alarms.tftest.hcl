mock_provider "aws" {
  source = "./mocks"
}

variables {
  name_prefix   = "taxi"
  redshift      = { database = "dev", cluster = { identifier = "warehouse", user = "loader" } }
  role          = { name = "taxi-statements", arn = "arn:aws:iam::123456789012:role/taxi-statements" }
  alarm_actions = ["arn:aws:sns:us-east-1:123456789012:desk"]

  loads = {
    trips   = { sql = "CALL trips()", warn_after_minutes = 30, expected_every_hours = 26 }
    year_ly = { sql = "CALL year()", expected_every_hours = 8800 }
    mart    = { sql = "CALL mart()" }
  }
}

run "alarms" {
  command = apply

  module {
    source = "../../modules/scheduler"
  }

  assert {
    condition     = keys(aws_cloudwatch_metric_alarm.waiting) == ["trips"] && keys(aws_cloudwatch_metric_alarm.overdue) == ["trips", "year_ly"]
    error_message = "a load has an alarm that it does not ask for, or lacks one"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.waiting["trips"].namespace == "RedshiftRelay" && aws_cloudwatch_metric_alarm.waiting["trips"].metric_name == "WaitedMinutes" && aws_cloudwatch_metric_alarm.waiting["trips"].dimensions == tomap({ NamePrefix = "taxi", Load = "trips" }) && aws_cloudwatch_metric_alarm.waiting["trips"].threshold == 30
    error_message = "the alarm watches something else than the wait"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.overdue["year_ly"].metric_name == "HoursSinceFinished" && aws_cloudwatch_metric_alarm.overdue["year_ly"].dimensions == tomap({ NamePrefix = "taxi", Load = "year_ly" }) && aws_cloudwatch_metric_alarm.overdue["year_ly"].threshold == 8800 && aws_cloudwatch_metric_alarm.overdue["year_ly"].alarm_name == "taxi-load-year-ly-overdue"
    error_message = "the alarm watches something else than the time since the load finished"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.overdue["trips"].insufficient_data_actions == toset(var.alarm_actions) && aws_cloudwatch_metric_alarm.overdue["trips"].alarm_actions == toset(var.alarm_actions) && aws_cloudwatch_metric_alarm.waiting["trips"].alarm_actions == toset(var.alarm_actions)
    error_message = "an alarm tells nobody"
  }

  assert {
    condition     = alltrue([for alarm in concat(values(aws_cloudwatch_metric_alarm.waiting), values(aws_cloudwatch_metric_alarm.overdue)) : alarm.period * alarm.evaluation_periods <= 86400])
    error_message = "CloudWatch rejects the evaluation period"
  }

  assert {
    condition     = jsondecode(local.definitions["trips"]).warn_after_minutes == 30 && jsondecode(local.definitions["trips"]).expected_every_hours == 26 && jsondecode(local.definitions["mart"]).expected_every_hours == null
    error_message = "the function does not know what to measure"
  }
}

run "refuses_alarms" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    loads = {
      wait  = { sql = "CALL a()", warn_after_minutes = 0 }
      hours = { sql = "CALL a()", expected_every_hours = 1.5 }
      files = { sql = "CALL a(:manifest)", files = { bucket = "landing", pattern = "a/*" } }
    }
  }

  expect_failures = [
    aws_dynamodb_table_item.load["wait"],
    aws_dynamodb_table_item.load["hours"],
    aws_dynamodb_table_item.load["files"],
  ]
}
