# The same system twice in one account: each has its own prefix and database, and does not know the other.
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
  databases = { staging = "dev", production = "analytics" }
}

module "relay" {
  source   = "git::https://example.com/redshift-relay.git?ref=v0.1.0"
  for_each = local.databases

  name_prefix       = "orders-${each.key}"
  redshift          = { database = each.value, cluster = { identifier = "warehouse" } }
  objects_directory = "${path.root}/objects"
  subscriptions     = { team = { protocol = "email", endpoint = "${each.key}@example.com" } }
  tags              = { environment = each.key }
}

output "function_names" {
  value = { for environment, relay in module.relay : environment => relay.function_names }
}
