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
  values = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/taxi-notifier" }
}

override_resource {
  target = module.function.aws_lambda_function.this
  values = { arn = "arn:aws:lambda:us-east-1:123456789012:function:taxi-notifier" }
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
  target = module.function.aws_iam_role.this
  values = { arn = "arn:aws:iam::123456789012:role/taxi-notifier" }
}

override_resource {
  target = module.function.aws_sqs_queue.failures
  values = { arn = "arn:aws:sqs:us-east-1:123456789012:taxi-notifier-failures" }
}

override_resource {
  target = module.function.aws_lambda_function_event_invoke_config.this
}

override_resource {
  target = module.function.aws_cloudwatch_metric_alarm.failures
}

override_resource {
  target = module.function.aws_lambda_permission.rule
}

override_resource {
  target = aws_sns_topic.this
  values = { arn = "arn:aws:sns:us-east-1:123456789012:taxi-notifications" }
}

override_resource {
  target = aws_sns_topic_subscription.this
}

override_resource {
  target = aws_dynamodb_table.announcements
  values = { arn = "arn:aws:dynamodb:us-east-1:123456789012:table/taxi-announcements" }
}

override_resource {
  target = aws_cloudwatch_event_rule.finished
  values = { arn = "arn:aws:events:us-east-1:123456789012:rule/taxi-statements-pipeline" }
}

override_resource {
  target = aws_cloudwatch_event_rule.load_not_started
  values = { arn = "arn:aws:events:us-east-1:123456789012:rule/taxi-load-not-started" }
}

override_resource {
  target = aws_cloudwatch_event_target.this
}

override_resource {
  target = aws_scheduler_schedule_group.sweep
  values = { arn = "arn:aws:scheduler:us-east-1:123456789012:schedule-group/taxi-notifier" }
}

override_resource {
  target = aws_scheduler_schedule.sweep
}

override_resource {
  target = aws_iam_role.sweep
  values = { arn = "arn:aws:iam::123456789012:role/taxi-sweep" }
}

override_resource {
  target = aws_iam_role_policy.sweep
}

variables {
  name_prefix = "taxi"
  redshift    = { database = "dev", cluster = { identifier = "warehouse", user = "loader" } }
  role        = { name = "taxi-statements", arn = "arn:aws:iam::123456789012:role/taxi-statements" }

  load_not_started_prefixes = ["taxi"]
  sources = {
    pipeline = {
      principal_prefixes      = ["arn:aws:sts::123456789012:assumed-role/taxi-statements/"]
      statement_name_prefixes = ["taxi/load/"]
    }
  }
}

run "policies" {
  command = apply

  module {
    source = "../../modules/notifier"
  }

  providers = {
    aws = aws.rendered
  }

  assert {
    condition     = jsonencode(jsondecode(data.aws_iam_policy_document.announce.json).Statement) == jsonencode([{ Sid = "Publish", Effect = "Allow", Action = "sns:Publish", Resource = "arn:aws:sns:us-east-1:123456789012:taxi-notifications" }, { Sid = "Announcements", Effect = "Allow", Action = ["dynamodb:PutItem", "dynamodb:BatchGetItem"], Resource = "arn:aws:dynamodb:us-east-1:123456789012:table/taxi-announcements" }])
    error_message = "the function may publish and remember, and nothing else"
  }

  assert {
    condition     = jsonencode(jsondecode(data.aws_iam_policy_document.events[0].json).Statement) == jsonencode([{ Sid = "LoadEnded", Effect = "Allow", Action = "events:PutEvents", Resource = "arn:aws:events:us-east-1:123456789012:event-bus/default", Condition = { StringEquals = { "events:detail-type" = "Load Ended", "events:source" = "redshift-relay" } } }])
    error_message = "the sweep may put its own events and nothing else"
  }

  assert {
    condition     = length(data.aws_iam_policy_document.describe) == 0
    error_message = "the statement role may describe already"
  }

  assert {
    condition     = jsonencode(jsondecode(aws_iam_role.sweep[0].assume_role_policy).Statement) == jsonencode([{ Sid = "Scheduler", Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "scheduler.amazonaws.com" }, Condition = { ArnEquals = { "aws:SourceArn" = "arn:aws:scheduler:us-east-1:123456789012:schedule-group/taxi-notifier" }, StringEquals = { "aws:SourceAccount" = "123456789012" } } }])
    error_message = "the schedules of the group and nobody else take the role"
  }

  assert {
    condition     = jsonencode(jsondecode(aws_iam_role_policy.sweep[0].policy).Statement) == jsonencode([{ Sid = "Invoke", Effect = "Allow", Action = "lambda:InvokeFunction", Resource = "arn:aws:lambda:us-east-1:123456789012:function:taxi-notifier" }, { Sid = "DeadLetters", Effect = "Allow", Action = "sqs:SendMessage", Resource = "arn:aws:sqs:us-east-1:123456789012:taxi-notifier-failures" }])
    error_message = "the sweep may invoke the function and nothing else"
  }
}

run "policies_with_key_and_given_topic" {
  command = apply

  module {
    source = "../../modules/notifier"
  }

  providers = {
    aws = aws.rendered
  }

  variables {
    kms_key_arn  = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    create_topic = false
    topic_arn    = "arn:aws:sns:us-east-1:123456789012:company"
  }

  assert {
    condition     = jsonencode(jsondecode(data.aws_iam_policy_document.announce.json).Statement) == jsonencode([{ Sid = "Publish", Effect = "Allow", Action = "sns:Publish", Resource = "arn:aws:sns:us-east-1:123456789012:company" }, { Sid = "Announcements", Effect = "Allow", Action = ["dynamodb:PutItem", "dynamodb:BatchGetItem"], Resource = "arn:aws:dynamodb:us-east-1:123456789012:table/taxi-announcements" }, { Sid = "TopicAndTableKey", Effect = "Allow", Action = ["kms:GenerateDataKey*", "kms:Decrypt"], Resource = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555" }])
    error_message = "the function may publish to the given topic, with the key"
  }

  assert {
    condition     = jsonencode(jsondecode(aws_iam_role_policy.sweep[0].policy).Statement) == jsonencode([{ Sid = "Invoke", Effect = "Allow", Action = "lambda:InvokeFunction", Resource = "arn:aws:lambda:us-east-1:123456789012:function:taxi-notifier" }, { Sid = "DeadLetters", Effect = "Allow", Action = "sqs:SendMessage", Resource = "arn:aws:sqs:us-east-1:123456789012:taxi-notifier-failures" }, { Sid = "Key", Effect = "Allow", Action = ["kms:GenerateDataKey", "kms:Decrypt"], Resource = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555" }])
    error_message = "the sweep may use the key"
  }

  assert {
    condition     = length(aws_sns_topic.this) == 0 && output.topic_arn == var.topic_arn
    error_message = "a topic was made"
  }

  assert {
    condition     = aws_dynamodb_table.announcements.server_side_encryption[0].kms_key_arn == var.kms_key_arn && aws_scheduler_schedule.sweep[0].kms_key_arn == var.kms_key_arn
    error_message = "something is not under the key"
  }
}

run "wiring" {
  command = apply

  module {
    source = "../../modules/notifier"
  }

  variables {
    subscriptions = {
      me    = { protocol = "email", endpoint = "me@example.com" }
      queue = { protocol = "sqs", endpoint = "arn:aws:sqs:us-east-1:123456789012:mine", raw_message_delivery = true, filter_policy = "{\"state\": [\"FAILED\"]}" }
    }
  }

  assert {
    condition     = jsonencode(jsondecode(aws_cloudwatch_event_rule.finished["pipeline"].event_pattern)) == jsonencode({ source = ["aws.redshift-data"], detail-type = ["Redshift Data Statement Status Change"], detail = { state = ["FINISHED", "FAILED", "ABORTED"], principal = [{ prefix = "arn:aws:sts::123456789012:assumed-role/taxi-statements/" }], statementName = [{ prefix = "taxi/load/" }, { prefix = "taxi/load-errors/" }] } })
    error_message = "the rule takes other statements"
  }

  assert {
    condition     = jsonencode(jsondecode(aws_cloudwatch_event_rule.load_not_started[0].event_pattern)) == jsonencode({ source = ["redshift-relay"], detail-type = ["Load Not Started"], detail = { name_prefix = ["taxi"] } })
    error_message = "the rule takes other events"
  }

  assert {
    condition     = toset(keys(aws_cloudwatch_event_target.this)) == toset(["pipeline", "load_not_started"]) && output.rule_names == tomap({ pipeline = "taxi-statements-pipeline", load_not_started = "taxi-load-not-started" })
    error_message = "a rule leads nowhere"
  }

  assert {
    condition     = alltrue([for t in aws_cloudwatch_event_target.this : t.arn == output.function_arn && t.dead_letter_config[0].arn == output.failure_queue_arn && t.retry_policy[0].maximum_retry_attempts > 0])
    error_message = "a target has no retries or no dead letter queue"
  }

  assert {
    condition     = aws_sns_topic.this[0].name == "taxi-notifications" && aws_sns_topic.this[0].kms_master_key_id == "alias/aws/sns" && output.topic_arn == aws_sns_topic.this[0].arn
    error_message = "the topic is wrong"
  }

  assert {
    condition     = aws_sns_topic_subscription.this["me"].protocol == "email" && aws_sns_topic_subscription.this["queue"].raw_message_delivery && jsondecode(aws_sns_topic_subscription.this["queue"].filter_policy).state[0] == "FAILED"
    error_message = "a subscription is wrong"
  }

  assert {
    condition     = aws_dynamodb_table.announcements.hash_key == "statement" && aws_dynamodb_table.announcements.ttl[0].attribute_name == "expires_at" && aws_dynamodb_table.announcements.ttl[0].enabled && aws_dynamodb_table.announcements.billing_mode == "PAY_PER_REQUEST"
    error_message = "the table is wrong"
  }

  assert {
    condition     = aws_scheduler_schedule.sweep[0].schedule_expression == "rate(5 minutes)" && jsondecode(aws_scheduler_schedule.sweep[0].target[0].input) == { action = "sweep" } && output.sweep_schedule_name == "taxi-notifier/sweep"
    error_message = "the sweep is wrong"
  }
}

# The topic is there since the run before, so that its ARN is known. CloudWatch may not use AWS's own key of SNS.

run "refuses_alarms_for_a_topic_that_cloudwatch_cannot_use" {
  command = plan

  module {
    source = "../../modules/notifier"
  }

  variables {
    alarm_actions = ["arn:aws:sns:us-east-1:123456789012:taxi-notifications"]
  }

  expect_failures = [terraform_data.alarms]
}

run "takes_alarms_for_its_topic_with_a_key" {
  command = plan

  module {
    source = "../../modules/notifier"
  }

  variables {
    alarm_actions = ["arn:aws:sns:us-east-1:123456789012:taxi-notifications"]
    kms_key_arn   = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  }
}

run "takes_alarms_for_another_topic" {
  command = plan

  module {
    source = "../../modules/notifier"
  }

  variables {
    alarm_actions = ["arn:aws:sns:us-east-1:123456789012:company"]
  }
}

run "foreign_statements_only" {
  command = apply

  module {
    source = "../../modules/notifier"
  }

  providers = {
    aws = aws.rendered
  }

  variables {
    redshift                  = null
    role                      = null
    load_not_started_prefixes = []
    sources = {
      dbt     = { principal_prefixes = ["arn:aws:sts::123456789012:assumed-role/dbt/"] }
      airflow = { statement_name_prefixes = ["airflow"] }
    }
  }

  assert {
    condition     = jsonencode(jsondecode(data.aws_iam_policy_document.describe[0].json).Statement) == jsonencode([{ Sid = "Describe", Effect = "Allow", Action = "redshift-data:DescribeStatement", Resource = "*" }])
    error_message = "the own role may ask for a statement, and nothing else"
  }

  assert {
    condition     = output.role.name == "taxi-notifier" && output.sweep_schedule_name == null && length(aws_cloudwatch_event_rule.load_not_started) == 0
    error_message = "it sweeps statements that are not its own"
  }

  assert {
    condition     = jsonencode(jsondecode(aws_cloudwatch_event_rule.finished["dbt"].event_pattern).detail) == jsonencode({ state = ["FINISHED", "FAILED", "ABORTED"], principal = [{ prefix = "arn:aws:sts::123456789012:assumed-role/dbt/" }] }) && jsonencode(jsondecode(aws_cloudwatch_event_rule.finished["airflow"].event_pattern).detail) == jsonencode({ state = ["FINISHED", "FAILED", "ABORTED"], statementName = [{ prefix = "airflow" }] })
    error_message = "the rules take other statements"
  }
}

run "without_sweep" {
  command = plan

  module {
    source = "../../modules/notifier"
  }

  variables {
    sweep_interval_minutes = null
  }

  assert {
    condition     = output.sweep_schedule_name == null && length(aws_scheduler_schedule.sweep) == 0 && length(aws_iam_role.sweep) == 0 && length(data.aws_iam_policy_document.events) == 0
    error_message = "it sweeps, or may tell of it"
  }
}

# Every validation refuses what it is there for.

run "refuses_wrong_settings" {
  command = plan

  module {
    source = "../../modules/notifier"
  }

  variables {
    name_prefix            = "Taxi_"
    permissions_boundary   = "boundary"
    log_retention_days     = 31
    kms_key_arn            = "alias/relay"
    log_level              = "LOUD"
    reserved_concurrency   = 0
    sweep_interval_minutes = 0
  }

  expect_failures = [var.name_prefix, var.permissions_boundary, var.log_retention_days, var.kms_key_arn, var.log_level, var.reserved_concurrency, var.sweep_interval_minutes]
}

run "refuses_wrong_mix_of_redshift" {
  command = plan

  module {
    source = "../../modules/notifier"
  }

  variables {
    redshift = { database = "dev", cluster = { identifier = "warehouse", user = "loader" }, secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:s" }
  }

  expect_failures = [var.redshift]
}

run "refuses_source_key" {
  command = plan

  module {
    source = "../../modules/notifier"
  }

  variables {
    sources = { "My dbt" = { principal_prefixes = ["arn:a"] } }
  }

  expect_failures = [var.sources]
}

run "refuses_a_principal_that_is_no_arn" {
  command = plan

  module {
    source = "../../modules/notifier"
  }

  variables {
    sources = { dbt = { principal_prefixes = ["arn:aws:sts::123456789012:assumed-role/dbt/", "dbt"] } }
  }

  expect_failures = [var.sources]
}

run "refuses_source_of_everything" {
  command = plan

  module {
    source = "../../modules/notifier"
  }

  variables {
    sources = { all = {} }
  }

  expect_failures = [var.sources]
}

run "refuses_missing_topic" {
  command = plan

  module {
    source = "../../modules/notifier"
  }

  variables {
    topic_arn    = null
    create_topic = false
  }

  expect_failures = [var.topic_arn]
}

run "refuses_needless_topic" {
  command = plan

  module {
    source = "../../modules/notifier"
  }

  variables {
    topic_arn = "arn:aws:sns:us-east-1:123456789012:company"
  }

  expect_failures = [var.topic_arn]
}

run "refuses_topic_name" {
  command = plan

  module {
    source = "../../modules/notifier"
  }

  variables {
    topic_arn    = "company"
    create_topic = false
  }

  expect_failures = [var.topic_arn]
}

run "refuses_protocol" {
  command = plan

  module {
    source = "../../modules/notifier"
  }

  variables {
    subscriptions = { me = { endpoint = "me@example.com", protocol = "fax" } }
  }

  expect_failures = [var.subscriptions]
}

run "refuses_filter_policy" {
  command = plan

  module {
    source = "../../modules/notifier"
  }

  variables {
    subscriptions = { me = { endpoint = "me@example.com", protocol = "email", filter_policy = "FAILED" } }
  }

  expect_failures = [var.subscriptions]
}

run "refuses_firehose_without_role" {
  command = plan

  module {
    source = "../../modules/notifier"
  }

  variables {
    subscriptions = { me = { endpoint = "me@example.com", protocol = "firehose" } }
  }

  expect_failures = [var.subscriptions]
}
