mock_provider "aws" {
  source = "./mocks"
}

variables {
  name_prefix = "taxi"
  redshift    = { database = "dev", cluster = { identifier = "warehouse", user = "loader" } }
  data        = { s3_uri = "s3://trips/yellow/", region = "us-east-1" }

  loads = {
    trips = { sql = "CALL public.execute_elt_process()", schedules = { nightly = { expression = "rate(1 day)" } } }
  }
  subscriptions = {
    me = { protocol = "email", endpoint = "me@example.com" }
  }
}

run "refuses_wrong_settings" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    name_prefix          = "Taxi_"
    permissions_boundary = "boundary"
    log_retention_days   = 31
    kms_key_arn          = "alias/relay"
    log_level            = "LOUD"
  }

  expect_failures = [var.name_prefix, var.permissions_boundary, var.log_retention_days, var.kms_key_arn, var.log_level]
}

run "refuses_wrong_mix_of_redshift" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    redshift = { database = "dev", cluster = { identifier = "warehouse", user = "loader" }, secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:s" }
  }

  expect_failures = [var.redshift]
}

run "refuses_missing_data" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    data = null
  }

  expect_failures = [var.data]
}

run "refuses_s3_uri_with_a_quote" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    data = { s3_uri = "s3://trips/' OR", region = "us-east-1" }
  }

  expect_failures = [var.data]
}

run "refuses_region" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    data = { s3_uri = "s3://trips/", region = "Virginia" }
  }

  expect_failures = [var.data]
}

run "refuses_copy_role" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    data = { s3_uri = "s3://trips/", region = "us-east-1", copy_role = "loader" }
  }

  expect_failures = [var.data]
}
