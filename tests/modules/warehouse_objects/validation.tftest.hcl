mock_provider "aws" {
  source = "./mocks"
}

variables {
  name_prefix        = "taxi"
  redshift           = { database = "dev", cluster = { identifier = "warehouse", user = "loader" } }
  role               = { name = "taxi-statements", arn = "arn:aws:iam::123456789012:role/taxi-statements" }
  directory          = "fixtures/objects/good"
  template_variables = { schema = "trips", crlf = "\r\n" }
}

run "refuses_wrong_settings" {
  command = plan

  module {
    source = "../../modules/warehouse_objects"
  }

  variables {
    name_prefix          = "Taxi_"
    permissions_boundary = "boundary"
    log_retention_days   = 31
    kms_key_arn          = "alias/relay"
    log_level            = "LOUD"
    history_table        = "history"
    reserved_concurrency = 0
  }

  expect_failures = [var.name_prefix, var.permissions_boundary, var.log_retention_days, var.kms_key_arn, var.log_level, var.history_table, var.reserved_concurrency]
}

run "refuses_wrong_mix_of_redshift" {
  command = plan

  module {
    source = "../../modules/warehouse_objects"
  }

  variables {
    redshift = { database = "dev", cluster = { identifier = "warehouse", user = "loader" }, secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:s" }
  }

  expect_failures = [var.redshift]
}

run "refuses_empty_directory" {
  command = plan

  module {
    source = "../../modules/warehouse_objects"
  }

  variables {
    directory = "mocks"
  }

  expect_failures = [var.directory]
}

run "refuses_file_names" {
  command = plan

  module {
    source = "../../modules/warehouse_objects"
  }

  variables {
    directory = "fixtures/objects/bad_name"
  }

  expect_failures = [var.directory]
}

run "refuses_a_version_that_occurs_twice" {
  command = plan

  module {
    source = "../../modules/warehouse_objects"
  }

  variables {
    directory = "fixtures/objects/twice"
  }

  expect_failures = [var.directory]
}

run "refuses_files_in_subfolders" {
  command = plan

  module {
    source = "../../modules/warehouse_objects"
  }

  variables {
    directory = "fixtures/objects/subfolder"
  }

  expect_failures = [var.directory]
}
