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
  target = aws_cloudwatch_metric_alarm.overdue
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

override_resource {
  target = aws_sqs_queue.files
  values = { arn = "arn:aws:sqs:us-east-1:123456789012:taxi-scheduler-files", url = "https://sqs/files" }
}

override_resource {
  target = aws_sqs_queue.file_failures
  values = { arn = "arn:aws:sqs:us-east-1:123456789012:taxi-scheduler-file-failures", url = "https://sqs/failures" }
}

override_resource {
  target = aws_sqs_queue_policy.files
}

override_resource {
  target = aws_sqs_queue_policy.file_failures
}

override_resource {
  target = aws_lambda_event_source_mapping.files
}

override_resource {
  target = aws_cloudwatch_metric_alarm.file_failures
}

override_resource {
  target = aws_cloudwatch_event_rule.files
  values = { arn = "arn:aws:events:us-east-1:123456789012:rule/taxi-files.orders" }
}

override_resource {
  target = aws_cloudwatch_event_target.files
}

variables {
  name_prefix = "taxi"
  redshift    = { database = "dev", cluster = { identifier = "warehouse", user = "loader" } }
  role        = { name = "taxi-statements", arn = "arn:aws:iam::123456789012:role/taxi-statements" }

  loads = {
    orders = {
      sql                  = "CALL load_orders(:manifest)"
      files                = { bucket = "landing", pattern = "orders/*.csv", manifests = "s3://manifests/taxi/" }
      expected_every_hours = 24
    }
  }
}

run "the_function_reaches_only_what_it_needs_for_files" {
  command = apply

  providers = {
    aws = aws.rendered
  }

  module {
    source = "../../modules/scheduler"
  }

  assert {
    condition = { for one in jsondecode(data.aws_iam_policy_document.files.json).Statement : one.Sid => { actions = one.Action, resources = one.Resource } } == {
      FilesQueue  = { actions = ["sqs:ReceiveMessage", "sqs:GetQueueAttributes", "sqs:DeleteMessage"], resources = "arn:aws:sqs:us-east-1:123456789012:taxi-scheduler-files" }
      FilesReads  = { actions = "dynamodb:BatchGetItem", resources = "arn:aws:dynamodb:us-east-1:123456789012:table/taxi-loads" }
      FilesWrites = { actions = ["dynamodb:UpdateItem", "dynamodb:PutItem", "dynamodb:DeleteItem"], resources = "arn:aws:dynamodb:us-east-1:123456789012:table/taxi-loads" }
      Listing     = { actions = "s3:ListBucket", resources = "arn:aws:s3:::landing" }
      Manifests   = { actions = ["s3:PutObject", "s3:GetObject"], resources = "arn:aws:s3:::manifests/taxi/*" }
    }
    error_message = data.aws_iam_policy_document.files.json
  }

  assert {
    condition     = [for one in jsondecode(data.aws_iam_policy_document.files.json).Statement : one.Condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"] if one.Sid == "FilesWrites"] == [["FILE#*", "FILES#*"]]
    error_message = data.aws_iam_policy_document.files.json
  }

  assert {
    condition = { for one in jsondecode(output.copy_policy_json).Statement : one.Sid => { actions = one.Action, resources = one.Resource } } == {
      Files   = { actions = "s3:GetObject", resources = ["arn:aws:s3:::manifests/taxi/*", "arn:aws:s3:::landing/orders/*.csv"] }
      Buckets = { actions = "s3:ListBucket", resources = ["arn:aws:s3:::manifests", "arn:aws:s3:::landing"] }
    }
    error_message = output.copy_policy_json
  }

  assert {
    condition = alltrue([for one in [for document in data.aws_iam_policy_document.file_queues : jsondecode(document.json).Statement[0]] : (
      one.Action == "sqs:SendMessage" && one.Principal.Service == "events.amazonaws.com" &&
      one.Condition.ArnEquals["aws:SourceArn"] == "arn:aws:events:us-east-1:123456789012:rule/taxi-files.orders"
    )])
    error_message = "Only the rules of loads with files may send to the queues."
  }
}
