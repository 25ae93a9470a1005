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

variables {
  name_prefix = "taxi"
  redshift    = { database = "dev", cluster = { identifier = "warehouse", user = "loader" } }
}

run "cluster_with_user" {
  command = plan

  module {
    source = "../../modules/statement_role"
  }

  providers = {
    aws = aws.rendered
  }

  assert {
    condition = jsonencode(jsondecode(data.aws_iam_policy_document.this.json).Statement) == jsonencode([
      { Sid = "Submit", Effect = "Allow", Action = ["redshift-data:ExecuteStatement", "redshift-data:BatchExecuteStatement"], Resource = "arn:aws:redshift:us-east-1:123456789012:cluster:warehouse" },
      { Sid = "Read", Effect = "Allow", Action = ["redshift-data:ListStatements", "redshift-data:GetStatementResult", "redshift-data:DescribeStatement", "redshift-data:CancelStatement"], Resource = "*" },
      { Sid = "CredentialsOfUser", Effect = "Allow", Action = "redshift:GetClusterCredentials", Resource = ["arn:aws:redshift:us-east-1:123456789012:dbuser:warehouse/loader", "arn:aws:redshift:us-east-1:123456789012:dbname:warehouse/dev"] },
    ])
    error_message = "the policy is not exactly what this way in needs"
  }

  assert {
    condition     = output.database_user == "loader"
    error_message = "wrong database user"
  }

  assert {
    condition     = output.name == "taxi-statements" && output.role.name == "taxi-statements"
    error_message = "wrong role name"
  }

  assert {
    condition     = output.principal_prefix == "arn:aws:sts::123456789012:assumed-role/taxi-statements/"
    error_message = "wrong principal prefix"
  }

  assert {
    condition     = jsonencode(jsondecode(aws_iam_role_policy.this.policy)) == jsonencode(jsondecode(data.aws_iam_policy_document.this.json)) && aws_iam_role_policy.this.role == "taxi-statements"
    error_message = "the policy is not the role's"
  }

  assert {
    condition     = jsonencode(jsondecode(aws_iam_role.this.assume_role_policy).Statement) == jsonencode([{ Sid = "Lambda", Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }])
    error_message = "functions and nobody else take the role"
  }
}

run "cluster_with_iam_identity" {
  command = plan

  module {
    source = "../../modules/statement_role"
  }

  providers = {
    aws = aws.rendered
  }

  variables {
    redshift = { database = "dev", cluster = { identifier = "warehouse" } }
  }

  assert {
    condition = jsonencode(jsondecode(data.aws_iam_policy_document.this.json).Statement) == jsonencode([
      { Sid = "Submit", Effect = "Allow", Action = ["redshift-data:ExecuteStatement", "redshift-data:BatchExecuteStatement"], Resource = "arn:aws:redshift:us-east-1:123456789012:cluster:warehouse" },
      { Sid = "Read", Effect = "Allow", Action = ["redshift-data:ListStatements", "redshift-data:GetStatementResult", "redshift-data:DescribeStatement", "redshift-data:CancelStatement"], Resource = "*" },
      { Sid = "CredentialsOfRole", Effect = "Allow", Action = "redshift:GetClusterCredentialsWithIAM", Resource = "arn:aws:redshift:us-east-1:123456789012:dbname:warehouse/dev" },
    ])
    error_message = "the policy is not exactly what this way in needs"
  }

  assert {
    condition     = output.database_user == "IAMR:taxi-statements"
    error_message = "wrong database user"
  }
}

run "workgroup" {
  command = plan

  module {
    source = "../../modules/statement_role"
  }

  providers = {
    aws = aws.rendered
  }

  variables {
    redshift = { database = "dev", workgroup = { name = "wg-1", arn = "arn:aws:redshift-serverless:us-east-1:123456789012:workgroup/0d1e2f3a" } }
  }

  assert {
    condition = jsonencode(jsondecode(data.aws_iam_policy_document.this.json).Statement) == jsonencode([
      { Sid = "Submit", Effect = "Allow", Action = ["redshift-data:ExecuteStatement", "redshift-data:BatchExecuteStatement"], Resource = "arn:aws:redshift-serverless:us-east-1:123456789012:workgroup/0d1e2f3a" },
      { Sid = "Read", Effect = "Allow", Action = ["redshift-data:ListStatements", "redshift-data:GetStatementResult", "redshift-data:DescribeStatement", "redshift-data:CancelStatement"], Resource = "*" },
      { Sid = "CredentialsOfWorkgroup", Effect = "Allow", Action = "redshift-serverless:GetCredentials", Resource = "arn:aws:redshift-serverless:us-east-1:123456789012:workgroup/0d1e2f3a" },
    ])
    error_message = "the policy is not exactly what this way in needs"
  }

  assert {
    condition     = output.database_user == "IAMR:taxi-statements"
    error_message = "wrong database user"
  }
}

run "secret" {
  command = plan

  module {
    source = "../../modules/statement_role"
  }

  providers = {
    aws = aws.rendered
  }

  variables {
    redshift = { database = "dev", cluster = { identifier = "warehouse" }, secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:warehouse-AbCdEf" }
  }

  assert {
    condition = jsonencode(jsondecode(data.aws_iam_policy_document.this.json).Statement) == jsonencode([
      { Sid = "Submit", Effect = "Allow", Action = ["redshift-data:ExecuteStatement", "redshift-data:BatchExecuteStatement"], Resource = "arn:aws:redshift:us-east-1:123456789012:cluster:warehouse" },
      { Sid = "Read", Effect = "Allow", Action = ["redshift-data:ListStatements", "redshift-data:GetStatementResult", "redshift-data:DescribeStatement", "redshift-data:CancelStatement"], Resource = "*" },
      { Sid = "Secret", Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = "arn:aws:secretsmanager:us-east-1:123456789012:secret:warehouse-AbCdEf" },
    ])
    error_message = "the policy is not exactly what this way in needs"
  }

  assert {
    condition     = output.database_user == null
    error_message = "wrong database user"
  }
}

run "secret_with_key" {
  command = plan

  module {
    source = "../../modules/statement_role"
  }

  providers = {
    aws = aws.rendered
  }

  variables {
    redshift = { database = "dev", workgroup = { name = "wg-1", arn = "arn:aws:redshift-serverless:us-east-1:123456789012:workgroup/0d1e2f3a" }, secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:warehouse-AbCdEf", secret_kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555" }
  }

  assert {
    condition = jsonencode(jsondecode(data.aws_iam_policy_document.this.json).Statement) == jsonencode([
      { Sid = "Submit", Effect = "Allow", Action = ["redshift-data:ExecuteStatement", "redshift-data:BatchExecuteStatement"], Resource = "arn:aws:redshift-serverless:us-east-1:123456789012:workgroup/0d1e2f3a" },
      { Sid = "Read", Effect = "Allow", Action = ["redshift-data:ListStatements", "redshift-data:GetStatementResult", "redshift-data:DescribeStatement", "redshift-data:CancelStatement"], Resource = "*" },
      { Sid = "Secret", Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = "arn:aws:secretsmanager:us-east-1:123456789012:secret:warehouse-AbCdEf" },
      { Sid = "SecretKey", Effect = "Allow", Action = "kms:Decrypt", Resource = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555", Condition = { StringEquals = { "kms:ViaService" = "secretsmanager.us-east-1.amazonaws.com" } } },
    ])
    error_message = "the policy is not exactly what this way in needs"
  }

  assert {
    condition     = output.database_user == null
    error_message = "wrong database user"
  }
}

run "single_statements_only" {
  command = plan

  module {
    source = "../../modules/statement_role"
  }

  providers = {
    aws = aws.rendered
  }

  variables {
    optional_actions = []
  }

  assert {
    condition = jsonencode(slice(jsondecode(data.aws_iam_policy_document.this.json).Statement, 0, 2)) == jsonencode([
      { Sid = "Submit", Effect = "Allow", Action = "redshift-data:ExecuteStatement", Resource = "arn:aws:redshift:us-east-1:123456789012:cluster:warehouse" },
      { Sid = "Read", Effect = "Allow", Action = ["redshift-data:GetStatementResult", "redshift-data:DescribeStatement", "redshift-data:CancelStatement"], Resource = "*" },
    ])
    error_message = "the role may more than start, describe, read and cancel"
  }
}

run "other_partition" {
  command = plan

  module {
    source = "../../modules/statement_role"
  }

  override_data {
    target = data.aws_partition.this
    values = { partition = "aws-cn", dns_suffix = "amazonaws.com.cn" }
  }

  providers = {
    aws = aws.rendered
  }

  assert {
    condition     = strcontains(data.aws_iam_policy_document.this.json, "arn:aws-cn:redshift:us-east-1:123456789012:cluster:warehouse") && !strcontains(data.aws_iam_policy_document.this.json, "arn:aws:")
    error_message = "an ARN does not follow the partition"
  }
}

run "boundary_and_tags" {
  command = plan

  module {
    source = "../../modules/statement_role"
  }

  variables {
    name                 = "loader"
    permissions_boundary = "arn:aws:iam::123456789012:policy/boundary"
    tags                 = { team = "data" }
  }

  assert {
    condition     = aws_iam_role.this.permissions_boundary == var.permissions_boundary && aws_iam_role.this.tags == tomap({ team = "data" })
    error_message = "boundary or tags are lost"
  }

  assert {
    condition     = aws_iam_role.this.name == "taxi-loader"
    error_message = "name is lost"
  }
}

run "database_roles" {
  command = plan

  module {
    source = "../../modules/statement_role"
  }

  variables {
    redshift       = { database = "dev", workgroup = { name = "wg-1", arn = "arn:aws:redshift-serverless:us-east-1:123456789012:workgroup/0d1e2f3a" } }
    database_roles = ["loader", "analyst"]
    tags           = { team = "data" }
  }

  assert {
    condition     = aws_iam_role.this.tags == tomap({ team = "data", RedshiftDbRoles = "loader:analyst" })
    error_message = "Redshift does not learn of the database roles"
  }
}
