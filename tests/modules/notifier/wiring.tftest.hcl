mock_provider "aws" {
  source = "./mocks"
}

override_resource {
  target = aws_sns_topic.this
  values = { arn = "arn:aws:sns:us-east-1:123456789012:taxi-notifications" }
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

run "wiring" {
  command = apply

  module {
    source = "../../modules/notifier"
  }

  variables {
    subscriptions = {
      me    = { protocol = "email", endpoint = "me@example.com" }
      phone = { protocol = "sms", endpoint = "+12065550100" }
      hook  = { protocol = "https", endpoint = "https://hooks.example.com/loads" }
      code  = { protocol = "lambda", endpoint = "arn:aws:lambda:us-east-1:123456789012:function:mine" }
      store = { protocol = "firehose", endpoint = "arn:aws:firehose:us-east-1:123456789012:deliverystream/loads", subscription_role_arn = "arn:aws:iam::123456789012:role/sns" }
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

run "without_sweep" {
  command = plan

  module {
    source = "../../modules/notifier"
  }

  variables {
    sweep_interval_minutes = null
  }

  assert {
    condition     = output.sweep_schedule_name == null && length(aws_scheduler_schedule.sweep) == 0 && module.function.schedule_role_arn == null && length(data.aws_iam_policy_document.events) == 0
    error_message = "it sweeps, or may tell of it"
  }
}
