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
  target = module.function.aws_cloudwatch_metric_alarm.this
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
  target = aws_cloudwatch_event_rule.loads
  values = { arn = "arn:aws:events:us-east-1:123456789012:rule/taxi-load-events" }
}

override_resource {
  target = aws_sns_topic.chat
  values = { arn = "arn:aws:sns:us-east-1:123456789012:taxi-chat" }
}

override_resource {
  target = aws_sqs_queue.steps
  values = { arn = "arn:aws:sqs:us-east-1:123456789012:taxi-notifier-steps", id = "https://sqs.us-east-1.amazonaws.com/123456789012/taxi-notifier-steps", url = "https://sqs.us-east-1.amazonaws.com/123456789012/taxi-notifier-steps" }
}

override_resource {
  target = aws_sqs_queue_redrive_policy.steps
}

override_resource {
  target = aws_lambda_event_source_mapping.steps
}

override_resource {
  target = aws_cloudwatch_event_target.this
}

variables {
  name_prefix = "taxi"
  redshift    = { database = "dev", cluster = { identifier = "warehouse", user = "loader" } }
  role        = { name = "taxi-statements", arn = "arn:aws:iam::123456789012:role/taxi-statements" }

  load_prefixes = ["taxi"]
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
    condition     = jsonencode(jsondecode(data.aws_iam_policy_document.steps[0].json).Statement) == jsonencode([{ Sid = "Steps", Effect = "Allow", Action = ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:GetQueueAttributes", "sqs:DeleteMessage"], Resource = "arn:aws:sqs:us-east-1:123456789012:taxi-notifier-steps" }])
    error_message = "the function may send and read its own steps and nothing else"
  }

  assert {
    condition     = local.steps_queue_arn == aws_sqs_queue.steps[0].arn
    error_message = "the policy names another queue than the one that exists"
  }

  assert {
    condition     = length(data.aws_iam_policy_document.describe) == 0
    error_message = "the statement role may describe already"
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
    condition     = length(aws_sns_topic.this) == 0 && output.topic_arn == var.topic_arn
    error_message = "a topic was made"
  }

  assert {
    condition     = aws_dynamodb_table.announcements.server_side_encryption[0].kms_key_arn == var.kms_key_arn && aws_sqs_queue.steps[0].kms_master_key_id == var.kms_key_arn
    error_message = "something is not under the key"
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
    redshift      = null
    role          = null
    load_prefixes = []
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
    condition     = output.role.name == "taxi-notifier" && length(aws_sqs_queue.steps) == 0 && length(aws_cloudwatch_event_rule.loads) == 0
    error_message = "it looks for reasons of statements that are not its own"
  }

  assert {
    condition     = jsonencode(jsondecode(aws_cloudwatch_event_rule.finished["dbt"].event_pattern).detail) == jsonencode({ state = ["FINISHED", "FAILED", "ABORTED"], principal = [{ prefix = "arn:aws:sts::123456789012:assumed-role/dbt/" }] }) && jsonencode(jsondecode(aws_cloudwatch_event_rule.finished["airflow"].event_pattern).detail) == jsonencode({ state = ["FINISHED", "FAILED", "ABORTED"], statementName = [{ prefix = "airflow" }] })
    error_message = "the rules take other statements"
  }
}

run "with_chat" {
  command = apply

  module {
    source = "../../modules/notifier"
  }

  providers = {
    aws = aws.rendered
  }

  variables {
    create_chat_topic = true
  }

  assert {
    condition     = jsondecode(data.aws_iam_policy_document.announce.json).Statement[0].Resource == ["arn:aws:sns:us-east-1:123456789012:taxi-notifications", "arn:aws:sns:us-east-1:123456789012:taxi-chat"] || jsondecode(data.aws_iam_policy_document.announce.json).Statement[0].Resource == ["arn:aws:sns:us-east-1:123456789012:taxi-chat", "arn:aws:sns:us-east-1:123456789012:taxi-notifications"]
    error_message = "the function may publish to both topics and no other"
  }

  assert {
    condition     = output.chat_topic_arn == "arn:aws:sns:us-east-1:123456789012:taxi-chat" && aws_sns_topic.chat[0].name == "taxi-chat"
    error_message = "the chat topic is wrong"
  }
}
