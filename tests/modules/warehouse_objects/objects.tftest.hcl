mock_provider "aws" {
  source = "./mocks"
}

override_resource {
  target = aws_lambda_invocation.this
  values = { result = "{\"applied\": [\"V1__trips.sql\"], \"unchanged\": 4}" }
}

variables {
  name_prefix        = "taxi"
  redshift           = { database = "dev", cluster = { identifier = "warehouse", user = "loader" } }
  role               = { name = "taxi-statements", arn = "arn:aws:iam::123456789012:role/taxi-statements" }
  directory          = "fixtures/objects/good"
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
    directory          = "fixtures/objects/condition"
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
    directory          = "fixtures/objects/condition"
    template_variables = { reader = "IAMR:reader" }
  }

  assert {
    condition     = jsondecode(aws_lambda_invocation.this.input).files[1] == { name = "R__grant.sql", sql = "GRANT SELECT ON trips TO \"IAMR:reader\";\n" }
    error_message = "a file with a statement is left out"
  }
}

run "grants_of_a_cluster_user" {
  command = plan

  module {
    source = "../../modules/warehouse_objects"
  }

  # Objects in a schema that the files create, and the history table in public.
  assert {
    condition = output.grants_sql == join("\n", [
      "GRANT CREATE ON DATABASE \"dev\" TO \"loader\";",
      "GRANT USAGE, CREATE ON SCHEMA \"lake\" TO \"loader\";",
      "GRANT USAGE, CREATE ON SCHEMA \"public\" TO \"loader\";",
    ])
    error_message = "wrong grants: ${output.grants_sql}"
  }
}

run "grants_of_an_iam_identity" {
  command = plan

  module {
    source = "../../modules/warehouse_objects"
  }

  variables {
    redshift           = { database = "dev", workgroup = { name = "dev", arn = "arn:aws:redshift-serverless:us-east-1:123456789012:workgroup/id" } }
    directory          = "fixtures/objects/condition"
    template_variables = { reader = null }
    history_table      = "ours.history"
  }

  assert {
    condition = output.grants_sql == join("\n", [
      "CREATE USER \"IAMR:taxi-statements\" PASSWORD DISABLE;",
      "GRANT USAGE, CREATE ON SCHEMA \"ours\" TO \"IAMR:taxi-statements\";",
      "GRANT USAGE, CREATE ON SCHEMA \"public\" TO \"IAMR:taxi-statements\";",
    ])
    error_message = "wrong grants: ${output.grants_sql}"
  }
}

run "grants_with_a_secret" {
  command = plan

  module {
    source = "../../modules/warehouse_objects"
  }

  variables {
    redshift           = { database = "dev", cluster = { identifier = "warehouse" }, secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:s" }
    directory          = "fixtures/objects/condition"
    template_variables = { reader = null }
  }

  assert {
    condition     = output.grants_sql == "GRANT USAGE, CREATE ON SCHEMA \"public\" TO \"<user of the secret>\";"
    error_message = "wrong grants: ${output.grants_sql}"
  }
}
