# Objects of two teams in two databases: one module call with for_each, and a folder of SQL for each.
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
  databases = { sales = "analytics", finance = "dev" }
}

module "objects" {
  source   = "git::https://example.com/redshift-relay.git//modules/warehouse_objects?ref=v0.1.0"
  for_each = local.databases

  name_prefix = each.key
  redshift    = { database = each.value, cluster = { identifier = "warehouse" } }
  directory   = "${path.root}/${each.key}"
}

output "drop_sql" {
  value = { for team, objects in module.objects : team => objects.drop_sql }
}
