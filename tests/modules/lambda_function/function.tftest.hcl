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

run "under_a_shared_role" {
  command = plan

  module {
    source = "../../modules/lambda_function"
  }

  variables {
    role                 = { name = "taxi-statements", arn = "arn:aws:iam::123456789012:role/taxi-statements" }
    package              = { path = "../../functions/relay/VERSION" }
    reserved_concurrency = 2
    environment          = { A = "b" }
  }

  assert {
    condition     = length(aws_iam_role.this) == 0 && aws_lambda_function.this.role == var.role.arn && aws_iam_role_policy.function.role == "taxi-statements" && aws_iam_role_policy.this["extra"].role == "taxi-statements"
    error_message = "it does not run under the role that was given"
  }

  assert {
    condition     = aws_lambda_function.this.source_code_hash == filebase64sha256("../../functions/relay/VERSION") && aws_lambda_function.this.reserved_concurrent_executions == 2 && aws_lambda_function.this.environment[0].variables == tomap({ NAME_PREFIX = "taxi", LOG_LEVEL = "INFO", A = "b" })
    error_message = "package, concurrency or environment are lost"
  }
}

run "own_role_has_the_boundary" {
  command = plan

  module {
    source = "../../modules/lambda_function"
  }

  variables {
    permissions_boundary = "arn:aws:iam::123456789012:policy/boundary"
  }

  assert {
    condition     = aws_iam_role.this[0].permissions_boundary == var.permissions_boundary
    error_message = "the boundary is lost"
  }
}

run "default_package_and_workgroup" {
  command = plan

  module {
    source = "../../modules/lambda_function"
  }

  variables {
    package         = null
    default_package = "../../functions/relay/VERSION"
    log_level       = "ERROR"
    redshift        = { database = "dev", workgroup = { name = "wg", arn = "arn:aws:redshift-serverless:us-east-1:123456789012:workgroup/1" }, secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:s" }
  }

  assert {
    condition     = aws_lambda_function.this.filename == "../../functions/relay/VERSION" && aws_lambda_function.this.source_code_hash == filebase64sha256("../../functions/relay/VERSION")
    error_message = "the default package is not used"
  }

  assert {
    condition     = aws_lambda_function.this.environment[0].variables == tomap({ NAME_PREFIX = "taxi", LOG_LEVEL = "ERROR", REDSHIFT_DATABASE = "dev", REDSHIFT_WORKGROUP = "wg", REDSHIFT_SECRET_ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:s" })
    error_message = "the environment does not describe the workgroup"
  }
}

run "cluster_in_the_environment" {
  command = plan

  module {
    source = "../../modules/lambda_function"
  }

  variables {
    redshift = { database = "dev", cluster = { identifier = "warehouse", user = "loader" } }
  }

  assert {
    condition     = aws_lambda_function.this.environment[0].variables == tomap({ NAME_PREFIX = "taxi", LOG_LEVEL = "INFO", REDSHIFT_DATABASE = "dev", REDSHIFT_CLUSTER = "warehouse", REDSHIFT_USER = "loader" })
    error_message = "the environment does not describe the cluster"
  }
}
