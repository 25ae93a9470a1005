mock_provider "aws" {
  source = "./mocks"
}

variables {
  name_prefix = "taxi"
  redshift    = { database = "dev", cluster = { identifier = "warehouse", user = "loader" } }
  role        = { name = "taxi-statements", arn = "arn:aws:iam::123456789012:role/taxi-statements" }

  load_prefixes = ["taxi"]
}

run "refuses_wrong_settings" {
  command = plan

  module {
    source = "../../modules/notifier"
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


run "refuses_subscriptions_that_sns_refuses" {
  command = plan

  module {
    source = "../../modules/notifier"
  }

  variables {
    subscriptions = {
      protocol              = { protocol = "fax", endpoint = "me@example.com" }
      queue_url             = { protocol = "sqs", endpoint = "https://sqs.us-east-1.amazonaws.com/123456789012/mine" }
      queue_name            = { protocol = "sqs", endpoint = "mine" }
      lambda_name           = { protocol = "lambda", endpoint = "mine" }
      https_plain           = { protocol = "https", endpoint = "http://hooks.example.com" }
      http_host             = { protocol = "http", endpoint = "hooks.example.com" }
      email_name            = { protocol = "email", endpoint = "me" }
      sms_local             = { protocol = "sms", endpoint = "0301234567" }
      firehose_name         = { protocol = "firehose", endpoint = "loads", subscription_role_arn = "arn:aws:iam::123456789012:role/sns" }
      firehose_without_role = { protocol = "firehose", endpoint = "arn:aws:firehose:us-east-1:123456789012:deliverystream/loads" }
      role_without_firehose = { protocol = "email", endpoint = "me@example.com", subscription_role_arn = "arn:aws:iam::123456789012:role/sns" }
      raw_email             = { protocol = "email", endpoint = "me@example.com", raw_message_delivery = true }
      filter_policy         = { protocol = "email", endpoint = "me@example.com", filter_policy = "FAILED" }
      two_filters           = { protocol = "email", endpoint = "me@example.com", loads = ["orders"], filter_policy = "{}" }
      load_name             = { protocol = "email", endpoint = "me@example.com", loads = ["orders", "Orders-2"] }
      state_name            = { protocol = "email", endpoint = "me@example.com", states = ["failed"] }
      filter_scope          = { protocol = "email", endpoint = "me@example.com", filter_policy_scope = "Body" }
    }
  }

  expect_failures = [
    aws_sns_topic_subscription.this["protocol"],
    aws_sns_topic_subscription.this["queue_url"],
    aws_sns_topic_subscription.this["queue_name"],
    aws_sns_topic_subscription.this["lambda_name"],
    aws_sns_topic_subscription.this["https_plain"],
    aws_sns_topic_subscription.this["http_host"],
    aws_sns_topic_subscription.this["email_name"],
    aws_sns_topic_subscription.this["sms_local"],
    aws_sns_topic_subscription.this["firehose_name"],
    aws_sns_topic_subscription.this["firehose_without_role"],
    aws_sns_topic_subscription.this["role_without_firehose"],
    aws_sns_topic_subscription.this["raw_email"],
    aws_sns_topic_subscription.this["filter_policy"],
    aws_sns_topic_subscription.this["two_filters"],
    aws_sns_topic_subscription.this["load_name"],
    aws_sns_topic_subscription.this["state_name"],
    aws_sns_topic_subscription.this["filter_scope"],
  ]
}
