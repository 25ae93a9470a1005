# Redshift Serverless: statements run as the IAM identity of a role, and the workgroup is found by its name.
terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.83, < 7.0"
    }
  }
}

data "aws_redshiftserverless_workgroup" "this" {
  workgroup_name = "adhoc"
}

module "relay" {
  source = "git::https://example.com/redshift-relay.git?ref=v0.1.0"

  name_prefix = "adhoc"
  redshift = {
    database = "dev"
    workgroup = {
      name = data.aws_redshiftserverless_workgroup.this.workgroup_name
      arn  = data.aws_redshiftserverless_workgroup.this.arn # ends in an ID, not in the name
    }
  }
  objects_directory = "${path.root}/objects"
}

output "function_names" {
  value = module.relay.function_names
}
