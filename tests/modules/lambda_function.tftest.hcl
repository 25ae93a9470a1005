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
  target = aws_cloudwatch_metric_alarm.function
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
  target = aws_cloudwatch_metric_alarm.failures
}

override_resource {
  target = aws_lambda_permission.rule
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
    condition     = length(aws_sqs_queue.failures) == 0 && length(aws_lambda_function_event_invoke_config.this) == 0 && length(aws_cloudwatch_metric_alarm.failures) == 0
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
    condition     = alltrue([for a in concat(values(aws_cloudwatch_metric_alarm.function), aws_cloudwatch_metric_alarm.failures) : a.alarm_actions == toset(var.alarm_actions) && a.ok_actions == toset(var.alarm_actions) && a.treat_missing_data == "notBreaching"])
    error_message = "an alarm tells nobody"
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.function) == 2 && aws_cloudwatch_metric_alarm.failures[0].dimensions == tomap({ QueueName = aws_sqs_queue.failures[0].name })
    error_message = "an alarm is missing"
  }
}

run "under_a_shared_role" {
  command = plan

  module {
    source = "../../modules/lambda_function"
  }

  variables {
    role                 = { name = "taxi-statements", arn = "arn:aws:iam::123456789012:role/taxi-statements" }
    package              = { path = "../../functions/relay/VERSION" }
    reserved_concurrency = 2
    environment          = { A = "b" }
  }

  assert {
    condition     = length(aws_iam_role.this) == 0 && aws_lambda_function.this.role == var.role.arn && aws_iam_role_policy.function.role == "taxi-statements" && aws_iam_role_policy.this["extra"].role == "taxi-statements"
    error_message = "it does not run under the role that was given"
  }

  assert {
    condition     = aws_lambda_function.this.source_code_hash == filebase64sha256("../../functions/relay/VERSION") && aws_lambda_function.this.reserved_concurrent_executions == 2 && aws_lambda_function.this.environment[0].variables == tomap({ A = "b" })
    error_message = "package, concurrency or environment are lost"
  }
}

run "own_role_has_the_boundary" {
  command = plan

  module {
    source = "../../modules/lambda_function"
  }

  variables {
    permissions_boundary = "arn:aws:iam::123456789012:policy/boundary"
  }

  assert {
    condition     = aws_iam_role.this[0].permissions_boundary == var.permissions_boundary
    error_message = "the boundary is lost"
  }
}

# Every validation refuses what it is there for.

run "refuses_wrong_settings" {
  command = plan

  module {
    source = "../../modules/lambda_function"
  }

  variables {
    name_prefix          = "Taxi_"
    permissions_boundary = "boundary"
    log_retention_days   = 31
    kms_key_arn          = "alias/relay"
    name                 = "Reader"
    runtime              = "nodejs22.x"
    timeout_seconds      = 901
    memory_mb            = 64
    reserved_concurrency = 0
    policies             = { function = "{}" }
  }

  expect_failures = [var.name_prefix, var.permissions_boundary, var.log_retention_days, var.kms_key_arn, var.name, var.runtime, var.timeout_seconds, var.memory_mb, var.reserved_concurrency, var.policies]
}

run "refuses_package_of_two_kinds" {
  command = plan

  module {
    source = "../../modules/lambda_function"
  }

  variables {
    package = { path = "package.zip", s3_bucket = "zips" }
  }

  expect_failures = [var.package]
}

run "refuses_package_in_s3_without_version" {
  command = plan

  module {
    source = "../../modules/lambda_function"
  }

  variables {
    package = { s3_bucket = "zips", s3_key = "package.zip", sha256 = "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=" }
  }

  expect_failures = [var.package]
}

run "refuses_package_in_s3_without_sha256" {
  command = plan

  module {
    source = "../../modules/lambda_function"
  }

  variables {
    package = { s3_bucket = "zips", s3_key = "package.zip", s3_object_version = "1" }
  }

  expect_failures = [var.package]
}

run "refuses_sha256_in_hexadecimal" {
  command = plan

  module {
    source = "../../modules/lambda_function"
  }

  variables {
    package = { path = "package.zip", sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" }
  }

  expect_failures = [var.package]
}

run "refuses_too_many_attempts" {
  command = plan

  module {
    source = "../../modules/lambda_function"
  }

  variables {
    failure_queue = { max_attempts = 3 }
  }

  expect_failures = [var.failure_queue]
}

run "refuses_too_short_an_age" {
  command = plan

  module {
    source = "../../modules/lambda_function"
  }

  variables {
    failure_queue = { max_age_seconds = 59 }
  }

  expect_failures = [var.failure_queue]
}
