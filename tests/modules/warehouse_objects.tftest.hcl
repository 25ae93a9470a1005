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
  target = module.function.data.aws_caller_identity.this
  values = { account_id = "123456789012" }
}

override_resource {
  target = module.function.aws_cloudwatch_log_group.this
  values = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/taxi-warehouse-objects" }
}

override_resource {
  target = module.function.aws_lambda_function.this
  values = { arn = "arn:aws:lambda:us-east-1:123456789012:function:taxi-warehouse-objects" }
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
  target = aws_lambda_invocation.this
  values = { result = "{\"applied\": [\"V1__trips.sql\"], \"unchanged\": 4}" }
}

variables {
  name_prefix        = "taxi"
  redshift           = { database = "dev", cluster = { identifier = "warehouse", user = "loader" } }
  role               = { name = "taxi-statements", arn = "arn:aws:iam::123456789012:role/taxi-statements" }
  directory          = "objects/good"
  template_variables = { schema = "trips", crlf = "\r\n" }
}

run "objects" {
  command = apply

  module {
    source = "../../modules/warehouse_objects"
  }

  assert {
    condition     = output.files == tolist(["V1__schema.sql", "V2__trips.sql", "V2.1__per_day.sql", "V3__view.sql", "V10__function.sql", "V11__lake.sql", "R__a_load.sql", "R__b_clean.sql"])
    error_message = "the files are not in the order in which they run"
  }

  assert {
    condition     = output.files == tolist([for file in jsondecode(aws_lambda_invocation.this.input).files : file.name])
    error_message = "the invocation has other files"
  }

  assert {
    condition     = jsondecode(aws_lambda_invocation.this.input).files[0].sql == "CREATE SCHEMA IF NOT EXISTS trips;\n"
    error_message = "a template variable is not filled in"
  }

  assert {
    condition     = jsondecode(aws_lambda_invocation.this.input).action == "apply_objects" && jsondecode(aws_lambda_invocation.this.input).history_table == "public.redshift_relay_history_taxi"
    error_message = "the input is not the documented one"
  }

  assert {
    condition     = !strcontains(aws_lambda_invocation.this.input, "\\r")
    error_message = "line ends of Windows are in the input"
  }

  assert {
    condition     = aws_lambda_invocation.this.lifecycle_scope == "CREATE_ONLY"
    error_message = "a failed change would count as done, and destroy would invoke the function"
  }

  assert {
    condition     = output.applied == ["V1__trips.sql"]
    error_message = "wrong outputs"
  }

  assert {
    condition = output.drop_sql == join("\n", [
      "DROP PROCEDURE trips.clean();",
      "DROP PROCEDURE trips.load(day DATE, INOUT price numeric(10,2));",
      "DROP TABLE IF EXISTS lake.trips;",
      "DROP FUNCTION trips.double(float);",
      "DROP VIEW IF EXISTS trips.recent;",
      "DROP MATERIALIZED VIEW IF EXISTS trips.per_day;",
      "DROP TABLE IF EXISTS \"trips\".\"Taxi trips\";",
      "DROP SCHEMA IF EXISTS trips;",
      "DROP TABLE IF EXISTS public.redshift_relay_history_taxi;",
    ])
    error_message = "the SQL that would drop the objects is wrong"
  }
}

run "policies" {
  command = apply

  module {
    source = "../../modules/warehouse_objects"
  }

  providers = {
    aws = aws.rendered
  }

  assert {
    condition     = module.function.function_name == "taxi-warehouse-objects" && output.role.name == "taxi-statements" && output.database_user == null
    error_message = "the function does not run under the given role"
  }
}

run "with_a_role_of_its_own" {
  command = apply

  module {
    source = "../../modules/warehouse_objects"
  }

  variables {
    role = null
  }

  assert {
    condition     = length(module.statement_role) == 1 && output.role.name == "taxi-warehouse-objects" && output.database_user == "loader"
    error_message = "no statement role was made"
  }
}

run "each_copy_has_a_history_of_its_own" {
  command = plan

  module {
    source = "../../modules/warehouse_objects"
  }

  variables {
    name_prefix = "taxi-dev-of-another-team"
  }

  assert {
    condition     = output.history_table == "public.redshift_relay_history_taxi_dev_of_another_team" && jsondecode(aws_lambda_invocation.this.input).history_table == output.history_table
    error_message = "two copies in one database share a history that belongs to one of them"
  }
}

run "takes_a_history" {
  command = plan

  module {
    source = "../../modules/warehouse_objects"
  }

  variables {
    history_table = "ours.history"
  }

  assert {
    condition     = output.history_table == "ours.history" && endswith(output.drop_sql, "DROP TABLE IF EXISTS ours.history;")
    error_message = "another history than the given one"
  }
}

# The same files for another place are another input, so the invocation runs again.

run "names_the_place" {
  command = plan

  module {
    source = "../../modules/warehouse_objects"
  }

  assert {
    condition     = { for key in ["database", "warehouse", "user", "revision"] : key => jsondecode(aws_lambda_invocation.this.input)[key] } == { database = "dev", warehouse = "warehouse", user = "loader", revision = null }
    error_message = "objects would not be made where `redshift` moves to"
  }
}

run "names_the_workgroup_the_role_and_the_revision" {
  command = plan

  module {
    source = "../../modules/warehouse_objects"
  }

  variables {
    redshift = { database = "dev", workgroup = { name = "dev", arn = "arn:aws:redshift-serverless:us-east-1:123456789012:workgroup/id" } }
    revision = "restored 2030-01-31"
  }

  assert {
    condition     = { for key in ["warehouse", "user", "revision"] : key => jsondecode(aws_lambda_invocation.this.input)[key] } == { warehouse = "arn:aws:redshift-serverless:us-east-1:123456789012:workgroup/id", user = "IAMR:taxi-statements", revision = "restored 2030-01-31" }
    error_message = "objects would not be made where `redshift` moves to"
  }
}

run "names_the_secret" {
  command = plan

  module {
    source = "../../modules/warehouse_objects"
  }

  variables {
    redshift = { database = "dev", cluster = { identifier = "warehouse" }, secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:s" }
  }

  assert {
    condition     = jsondecode(aws_lambda_invocation.this.input).user == "arn:aws:secretsmanager:us-east-1:123456789012:secret:s"
    error_message = "objects would not be made by the user of another secret"
  }
}

run "condition_leaves_a_file_out" {
  command = plan

  module {
    source = "../../modules/warehouse_objects"
  }

  variables {
    directory          = "objects/condition"
    template_variables = { reader = null }
  }

  assert {
    condition     = output.files == tolist(["V1__trips.sql"])
    error_message = "a file without a statement is applied"
  }
}

run "condition_lets_a_file_in" {
  command = plan

  module {
    source = "../../modules/warehouse_objects"
  }

  variables {
    directory          = "objects/condition"
    template_variables = { reader = "IAMR:reader" }
  }

  assert {
    condition     = jsondecode(aws_lambda_invocation.this.input).files[1] == { name = "R__grant.sql", sql = "GRANT SELECT ON trips TO \"IAMR:reader\";\n" }
    error_message = "a file with a statement is left out"
  }
}

# Every validation refuses what it is there for.

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
  }

  expect_failures = [var.name_prefix, var.permissions_boundary, var.log_retention_days, var.kms_key_arn, var.log_level, var.history_table]
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
    directory = "."
  }

  expect_failures = [var.directory]
}

run "refuses_file_names" {
  command = plan

  module {
    source = "../../modules/warehouse_objects"
  }

  variables {
    directory = "objects/bad_name"
  }

  expect_failures = [var.directory]
}

run "refuses_a_version_that_occurs_twice" {
  command = plan

  module {
    source = "../../modules/warehouse_objects"
  }

  variables {
    directory = "objects/twice"
  }

  expect_failures = [var.directory]
}
