mock_provider "aws" {
  source = "./mocks"
}

variables {
  name_prefix = "taxi"
  name        = "reader"
  description = "Reads"
  handler     = "reader.handler.handle"
  package     = { s3_bucket = "zips", s3_key = "package.zip", s3_object_version = "1", sha256 = "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=" }
  policies    = { extra = "{}" }
}

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

run "refuses_package_without_default" {
  command = plan

  module {
    source = "../../modules/lambda_function"
  }

  variables {
    package = null
  }

  expect_failures = [var.default_package]
}

run "refuses_schedules_without_failure_queue" {
  command = plan

  module {
    source = "../../modules/lambda_function"
  }

  variables {
    schedule_role = { name = "schedules", group_arn = "arn:aws:scheduler:us-east-1:123456789012:schedule-group/taxi-scheduler" }
  }

  expect_failures = [var.schedule_role]
}
