# Secrets made in the same apply: their ARNs are not known while it is planned.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

resource "aws_secretsmanager_secret" "loader" {
  name = "loader"
}

resource "aws_secretsmanager_secret" "reader" {
  name = "reader"
}

module "relay" {
  source = "../../.."

  name_prefix = "taxi"
  redshift    = { database = "dev", cluster = { identifier = "warehouse" }, secret_arn = aws_secretsmanager_secret.loader.arn }
  data        = { s3_uri = "s3://trips/yellow/", region = "us-east-1" }

  gateway = {
    authorization   = { mode = "NONE" }
    allowed_origins = ["*"]
    secret_arn      = aws_secretsmanager_secret.reader.arn
  }
}

output "gateway_user" {
  description = "The database user of the gateway, which the secret names."
  value       = module.relay.gateway.database_user
}
