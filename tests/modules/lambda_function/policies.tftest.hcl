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

override_resource {
  target = aws_cloudwatch_log_group.this
  values = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/taxi-reader" }
}

override_resource {
  target = aws_lambda_function.this
  values = { arn = "arn:aws:lambda:us-east-1:123456789012:function:taxi-reader" }
}

override_resource {
  target = aws_iam_role_policy.function
}

override_resource {
  target = aws_iam_role_policy.this
}

override_resource {
  target = aws_cloudwatch_metric_alarm.this
}

override_resource {
  target = aws_iam_role.this
  values = { arn = "arn:aws:iam::123456789012:role/taxi-reader" }
}

override_resource {
  target = aws_sqs_queue.failures
  values = { arn = "arn:aws:sqs:us-east-1:123456789012:taxi-reader-failures" }
}

override_resource {
  target = aws_lambda_function_event_invoke_config.this
}

override_resource {
  target = aws_lambda_permission.rule
}

override_resource {
  target = aws_iam_role.schedule
  values = { arn = "arn:aws:iam::123456789012:role/taxi-schedules" }
}

override_resource {
  target = aws_iam_role_policy.schedule
}

variables {
  name_prefix = "taxi"
  name        = "reader"
  description = "Reads"
  handler     = "reader.handler.handle"
  package     = { s3_bucket = "zips", s3_key = "package.zip", s3_object_version = "1", sha256 = "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=" }
  policies    = { extra = "{}" }
}

run "alone" {
  command = apply

  module {
    source = "../../modules/lambda_function"
  }

  providers = {
    aws = aws.rendered
  }

  assert {
    condition     = output.function_name == "taxi-reader" && output.role.name == "taxi-reader" && output.failure_queue_url == null && output.failure_queue_arn == null
    error_message = "wrong outputs"
  }

  assert {
    condition     = output.version == trimspace(file("../../functions/relay/VERSION")) && aws_lambda_function.this.tags["redshift-relay:version"] == output.version
    error_message = "the version is not the sources'"
  }

  assert {
    condition     = jsonencode(jsondecode(data.aws_iam_policy_document.function.json).Statement) == jsonencode([{ Sid = "Logs", Effect = "Allow", Action = ["logs:PutLogEvents", "logs:CreateLogStream"], Resource = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/taxi-reader:*" }])
    error_message = "it writes to its own log group and has no other right"
  }

  assert {
    condition     = jsonencode(jsondecode(aws_iam_role.this[0].assume_role_policy).Statement) == jsonencode([{ Sid = "Lambda", Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }])
    error_message = "functions and nobody else take the role"
  }

  assert {
    condition     = aws_iam_role_policy.this["extra"].policy == "{}" && aws_iam_role_policy.this["extra"].name == "taxi-reader-extra"
    error_message = "the caller's policy is lost"
  }

  assert {
    condition     = jsonencode(jsondecode(aws_iam_role_policy.function.policy)) == jsonencode(jsondecode(data.aws_iam_policy_document.function.json)) && aws_iam_role_policy.function.role == "taxi-reader"
    error_message = "the policy is not the role's"
  }

  assert {
    condition     = aws_lambda_function.this.s3_object_version == "1" && aws_lambda_function.this.source_code_hash == var.package.sha256 && aws_lambda_function.this.filename == null
    error_message = "the package is not the one in S3"
  }

  assert {
    condition     = aws_lambda_function.this.runtime == "python3.13" && tolist(aws_lambda_function.this.architectures) == tolist(["arm64"]) && aws_lambda_function.this.reserved_concurrent_executions == -1
    error_message = "wrong defaults"
  }

  assert {
    condition     = length(aws_sqs_queue.failures) == 0 && length(aws_lambda_function_event_invoke_config.this) == 0 && jsonencode(keys(aws_cloudwatch_metric_alarm.this)) == jsonencode(["errors", "throttles"])
    error_message = "no queue was asked for"
  }
}

run "with_failure_queue_and_rules" {
  command = apply

  module {
    source = "../../modules/lambda_function"
  }

  providers = {
    aws = aws.rendered
  }

  variables {
    failure_queue      = { max_attempts = 1, max_age_seconds = 600 }
    event_rules        = { one = "arn:aws:events:us-east-1:123456789012:rule/one" }
    kms_key_arn        = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    log_retention_days = 7
    alarm_actions      = ["arn:aws:sns:us-east-1:123456789012:oncall"]
    tags               = { team = "data" }
  }

  assert {
    condition     = jsonencode(jsondecode(data.aws_iam_policy_document.function.json).Statement) == jsonencode([{ Sid = "Logs", Effect = "Allow", Action = ["logs:PutLogEvents", "logs:CreateLogStream"], Resource = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/taxi-reader:*" }, { Sid = "Failures", Effect = "Allow", Action = "sqs:SendMessage", Resource = "arn:aws:sqs:us-east-1:123456789012:taxi-reader-failures" }, { Sid = "FailuresKey", Effect = "Allow", Action = ["kms:GenerateDataKey", "kms:Decrypt"], Resource = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555" }])
    error_message = "the policy is not exactly what it needs"
  }

  assert {
    condition     = jsonencode(jsondecode(aws_sqs_queue.failures[0].policy).Statement) == jsonencode([{ Sid = "DeadLettersOfRules", Effect = "Allow", Action = "sqs:SendMessage", Resource = "arn:aws:sqs:us-east-1:123456789012:taxi-reader-failures", Principal = { Service = "events.amazonaws.com" }, Condition = { ArnEquals = { "aws:SourceArn" = "arn:aws:events:us-east-1:123456789012:rule/one" } } }])
    error_message = "the rule, and no other, may leave dead letters"
  }

  assert {
    condition     = aws_lambda_permission.rule["one"].source_arn == "arn:aws:events:us-east-1:123456789012:rule/one" && aws_lambda_permission.rule["one"].principal == "events.amazonaws.com"
    error_message = "the rule, and no other, may invoke the function"
  }

  assert {
    condition     = aws_lambda_function_event_invoke_config.this[0].destination_config[0].on_failure[0].destination == "arn:aws:sqs:us-east-1:123456789012:taxi-reader-failures" && aws_lambda_function_event_invoke_config.this[0].maximum_retry_attempts == 1 && aws_lambda_function_event_invoke_config.this[0].maximum_event_age_in_seconds == 600
    error_message = "failed invocations do not reach the queue"
  }

  assert {
    condition     = aws_sqs_queue.failures[0].kms_master_key_id == var.kms_key_arn && aws_cloudwatch_log_group.this.kms_key_id == var.kms_key_arn && aws_lambda_function.this.kms_key_arn == var.kms_key_arn
    error_message = "something is not under the key"
  }

  assert {
    condition     = aws_cloudwatch_log_group.this.retention_in_days == 7 && aws_lambda_function.this.tags.team == "data" && aws_sqs_queue.failures[0].tags.team == "data"
    error_message = "retention or tags are lost"
  }

  assert {
    condition     = alltrue([for a in aws_cloudwatch_metric_alarm.this : a.alarm_actions == toset(var.alarm_actions) && a.ok_actions == toset(var.alarm_actions) && a.treat_missing_data == "notBreaching" && a.threshold == 0])
    error_message = "an alarm notifies nobody"
  }

  assert {
    condition = { for key, a in aws_cloudwatch_metric_alarm.this : key => join(" ", concat([a.namespace, a.metric_name, a.statistic], [for name, value in a.dimensions : "${name}=${value}"])) } == {
      errors           = "AWS/Lambda Errors Sum FunctionName=taxi-reader"
      throttles        = "AWS/Lambda Throttles Sum FunctionName=taxi-reader"
      failures         = "AWS/SQS ApproximateNumberOfMessagesVisible Maximum QueueName=taxi-reader-failures"
      dropped          = "AWS/Lambda AsyncEventsDropped Sum FunctionName=taxi-reader"
      undelivered      = "AWS/Lambda DestinationDeliveryFailures Sum FunctionName=taxi-reader"
      one-dead-letters = "AWS/Events InvocationsFailedToBeSentToDlq Sum RuleName=one"
    }
    error_message = "an event can be lost without an alarm"
  }

  assert {
    condition     = aws_lambda_permission.rule["one"].statement_id_prefix == "rule-one-"
    error_message = "an apply after an interrupted one finds the statement id taken"
  }
}

run "with_schedule_role" {
  command = apply

  module {
    source = "../../modules/lambda_function"
  }

  providers = {
    aws = aws.rendered
  }

  variables {
    failure_queue = {}
    schedule_role = { name = "schedules", group_arn = "arn:aws:scheduler:us-east-1:123456789012:schedule-group/taxi-scheduler" }
    kms_key_arn   = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  }

  assert {
    condition     = jsonencode(jsondecode(aws_iam_role.schedule[0].assume_role_policy).Statement) == jsonencode([{ Sid = "Scheduler", Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "scheduler.amazonaws.com" }, Condition = { ArnEquals = { "aws:SourceArn" = "arn:aws:scheduler:us-east-1:123456789012:schedule-group/taxi-scheduler" }, StringEquals = { "aws:SourceAccount" = "123456789012" } } }])
    error_message = "others than the schedules of the group can assume the role"
  }

  assert {
    condition     = jsonencode(jsondecode(aws_iam_role_policy.schedule[0].policy).Statement) == jsonencode([{ Sid = "Invoke", Effect = "Allow", Action = "lambda:InvokeFunction", Resource = "arn:aws:lambda:us-east-1:123456789012:function:taxi-reader" }, { Sid = "DeadLetters", Effect = "Allow", Action = "sqs:SendMessage", Resource = "arn:aws:sqs:us-east-1:123456789012:taxi-reader-failures" }, { Sid = "Key", Effect = "Allow", Action = ["kms:GenerateDataKey", "kms:Decrypt"], Resource = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555" }])
    error_message = "the policy is not exactly what schedules need"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["schedule-dead-letters"].metric_name == "InvocationsFailedToBeSentToDeadLetterCount" && aws_cloudwatch_metric_alarm.this["schedule-dead-letters"].dimensions == tomap({ ScheduleGroup = "taxi-scheduler" })
    error_message = "an invocation can be lost without an alarm"
  }

  assert {
    condition     = aws_iam_role.schedule[0].name == "taxi-schedules" && output.schedule_role_arn == "arn:aws:iam::123456789012:role/taxi-schedules"
    error_message = "wrong role"
  }
}
