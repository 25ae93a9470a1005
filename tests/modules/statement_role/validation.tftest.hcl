mock_provider "aws" {
  source = "./mocks"
}

variables {
  name_prefix = "taxi"
  redshift    = { database = "dev", cluster = { identifier = "warehouse", user = "loader" } }
}

run "refuses_other_actions" {
  command = plan

  module {
    source = "../../modules/statement_role"
  }

  variables {
    optional_actions = ["ListStatements", "ListSchemas"]
  }

  expect_failures = [var.optional_actions]
}

run "refuses_wrong_settings" {
  command = plan

  module {
    source = "../../modules/statement_role"
  }

  variables {
    name_prefix          = "Taxi_"
    permissions_boundary = "boundary"
    log_retention_days   = 31
    kms_key_arn          = "alias/relay"
    name                 = "Statements"
  }

  expect_failures = [var.name_prefix, var.permissions_boundary, var.log_retention_days, var.kms_key_arn, var.name]
}

run "refuses_database_wildcard" {
  command = plan

  module {
    source = "../../modules/statement_role"
  }

  variables {
    redshift = { database = "*", cluster = { identifier = "warehouse" } }
  }

  expect_failures = [var.redshift]
}

run "refuses_no_warehouse" {
  command = plan

  module {
    source = "../../modules/statement_role"
  }

  variables {
    redshift = { database = "dev" }
  }

  expect_failures = [var.redshift]
}

run "refuses_two_warehouses" {
  command = plan

  module {
    source = "../../modules/statement_role"
  }

  variables {
    redshift = { database = "dev", cluster = { identifier = "warehouse" }, workgroup = { name = "wg-1", arn = "arn:aws:redshift-serverless:us-east-1:123456789012:workgroup/1" } }
  }

  expect_failures = [var.redshift]
}

run "refuses_cluster_endpoint" {
  command = plan

  module {
    source = "../../modules/statement_role"
  }

  variables {
    redshift = { database = "dev", cluster = { identifier = "warehouse.abc.us-east-1.redshift.amazonaws.com" } }
  }

  expect_failures = [var.redshift]
}

run "refuses_user_wildcard" {
  command = plan

  module {
    source = "../../modules/statement_role"
  }

  variables {
    redshift = { database = "dev", cluster = { identifier = "warehouse", user = "*" } }
  }

  expect_failures = [var.redshift]
}

run "refuses_user_with_secret" {
  command = plan

  module {
    source = "../../modules/statement_role"
  }

  variables {
    redshift = { database = "dev", cluster = { identifier = "warehouse", user = "loader" }, secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:s" }
  }

  expect_failures = [var.redshift]
}

run "refuses_workgroup_name" {
  command = plan

  module {
    source = "../../modules/statement_role"
  }

  variables {
    redshift = { database = "dev", workgroup = { name = "W", arn = "arn:aws:redshift-serverless:us-east-1:123456789012:workgroup/1" } }
  }

  expect_failures = [var.redshift]
}

run "refuses_workgroup_arn_wildcard" {
  command = plan

  module {
    source = "../../modules/statement_role"
  }

  variables {
    redshift = { database = "dev", workgroup = { name = "wg-1", arn = "arn:aws:redshift-serverless:us-east-1:123456789012:workgroup/*" } }
  }

  expect_failures = [var.redshift]
}

run "refuses_secret_name" {
  command = plan

  module {
    source = "../../modules/statement_role"
  }

  variables {
    redshift = { database = "dev", cluster = { identifier = "warehouse" }, secret_arn = "my-secret" }
  }

  expect_failures = [var.redshift]
}

run "refuses_secret_key_without_secret" {
  command = plan

  module {
    source = "../../modules/statement_role"
  }

  variables {
    redshift = { database = "dev", cluster = { identifier = "warehouse" }, secret_kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/1" }
  }

  expect_failures = [var.redshift]
}

run "refuses_database_roles_on_a_cluster" {
  command = plan

  module {
    source = "../../modules/statement_role"
  }

  variables {
    database_roles = ["analyst"]
  }

  expect_failures = [var.database_roles]
}

run "refuses_database_roles_with_a_separator" {
  command = plan

  module {
    source = "../../modules/statement_role"
  }

  variables {
    redshift       = { database = "dev", workgroup = { name = "wg-1", arn = "arn:aws:redshift-serverless:us-east-1:123456789012:workgroup/1" } }
    database_roles = ["analyst:loader"]
  }

  expect_failures = [var.database_roles]
}
