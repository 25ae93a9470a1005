# A database user with a password in Secrets Manager, for clusters without IAM sign-in. The secret is made by this apply.
terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.83, < 7.0"
    }
  }
}

variable "password" {
  description = "Password of the database user `keeper`."
  type        = string
  sensitive   = true
}

resource "aws_secretsmanager_secret" "warehouse" {
  name = "warehouse-keeper"
}

resource "aws_secretsmanager_secret_version" "warehouse" {
  secret_id     = aws_secretsmanager_secret.warehouse.id
  secret_string = jsonencode({ username = "keeper", password = var.password })
}

module "relay" {
  source = "git::https://example.com/redshift-relay.git?ref=v0.1.0"

  name_prefix = "keeper"
  redshift = {
    database   = "dev"
    cluster    = { identifier = "warehouse" }
    secret_arn = aws_secretsmanager_secret_version.warehouse.arn # the version's, so that the password exists by then
  }
  objects_directory = "${path.root}/objects"
}

output "function_names" {
  value = module.relay.function_names
}
