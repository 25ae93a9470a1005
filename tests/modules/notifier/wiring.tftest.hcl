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

  load_prefixes = ["taxi"]
  sources = {
    airflow = {
      principal_prefixes      = ["arn:aws:sts::123456789012:assumed-role/airflow/"]
      statement_name_prefixes = ["airflow/"]
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
      one   = { protocol = "email", endpoint = "one@example.com", loads = ["orders", "mart"], states = ["FAILED"] }
      queue = { protocol = "sqs", endpoint = "arn:aws:sqs:us-east-1:123456789012:mine", raw_message_delivery = true, filter_policy = "{\"state\": [\"FAILED\"]}" }
    }
  }

  assert {
    condition     = jsonencode(jsondecode(aws_cloudwatch_event_rule.finished["airflow"].event_pattern)) == jsonencode({ source = ["aws.redshift-data"], detail-type = ["Redshift Data Statement Status Change"], detail = { state = ["FINISHED", "FAILED", "ABORTED"], principal = [{ prefix = "arn:aws:sts::123456789012:assumed-role/airflow/" }], statementName = [{ prefix = "airflow/" }] } })
    error_message = "the rule takes other statements"
  }

  assert {
    condition     = jsonencode(jsondecode(aws_cloudwatch_event_rule.loads[0].event_pattern)) == jsonencode({ source = ["redshift-relay"], detail-type = ["Load Finished", "Load Failed", "Load Not Started"], detail = { name_prefix = ["taxi"] } })
    error_message = "the rule takes other events"
  }

  assert {
    condition     = toset(keys(aws_cloudwatch_event_target.this)) == toset(["airflow", "load_events"]) && output.rule_names == tomap({ airflow = "taxi-statements-airflow", load_events = "taxi-load-events" })
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
    condition     = jsondecode(aws_sns_topic_subscription.this["one"].filter_policy) == { load = ["orders", "mart"], state = ["FAILED"] } && aws_sns_topic_subscription.this["me"].filter_policy == null
    error_message = "a subscription receives other loads"
  }

  assert {
    condition     = aws_lambda_event_source_mapping.steps[0].event_source_arn == aws_sqs_queue.steps[0].arn && aws_lambda_event_source_mapping.steps[0].batch_size == 1 && aws_sqs_queue.steps[0].visibility_timeout_seconds == 270 && jsondecode(aws_sqs_queue_redrive_policy.steps[0].redrive_policy).deadLetterTargetArn == output.failure_queue_arn
    error_message = "the steps do not reach the function, or are lost"
  }

  assert {
    condition     = length(aws_sns_topic.chat) == 0 && output.chat_topic_arn == null
    error_message = "there is a chat topic that nobody asked for"
  }

  assert {
    condition     = aws_dynamodb_table.announcements.hash_key == "statement" && aws_dynamodb_table.announcements.ttl[0].attribute_name == "expires_at" && aws_dynamodb_table.announcements.ttl[0].enabled && aws_dynamodb_table.announcements.billing_mode == "PAY_PER_REQUEST"
    error_message = "the table is wrong"
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
