# What scripts/acceptance applies: the root module with data, a sign-in and an inbox of its own.

terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.83, < 7.0"
    }
  }
}

locals {
  table = replace(var.name_prefix, "-", "_")

  loads = {
    trips = {
      sql       = "CALL public.${local.table}_load()"
      schedules = var.first_load == null ? {} : { first = { expression = "at(${var.first_load})" } }
    }
  }
}

module "relay" {
  source = "../../.."

  name_prefix        = var.name_prefix
  redshift           = var.redshift
  data               = { s3_uri = "s3://${aws_s3_bucket.data.bucket}/trips/", region = data.aws_region.current.id }
  objects_directory  = "${path.module}/objects"
  queries_directory  = "${path.module}/queries"
  template_variables = { table = local.table }
  loads              = local.loads
  subscriptions      = { inbox = { protocol = "sqs", endpoint = aws_sqs_queue.inbox.arn } }
  gateway = {
    authorization = { mode = "JWT", issuer = local.issuer, audience = [aws_cognito_user_pool_client.page.id] }
    access_logs   = false
  }
  console = {
    title = "Acceptance ${var.name_prefix}"
    oidc  = { issuer = local.issuer, client_id = aws_cognito_user_pool_client.page.id }
  }
}

data "aws_region" "current" {}
