# A person's own repository: no endpoint blocks, an own schema, objects and queries. tests/e2e/test_cloud_command.py
# copies it to a folder outside the repository, beside which `relay` lies.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.83, < 7.0"
    }
  }
}

data "aws_redshift_cluster" "this" {
  cluster_identifier = "warehouse"
}

data "aws_redshiftserverless_workgroup" "this" {
  workgroup_name = "adhoc"
}

module "relay" {
  source = "../relay"

  name_prefix = "sales"
  redshift = {
    database = "analytics"
    cluster = {
      identifier = data.aws_redshift_cluster.this.cluster_identifier
      user       = data.aws_redshift_cluster.this.master_username
    }
  }
  objects_directory = "${path.root}/objects"
  queries_directory = "${path.root}/queries"
  loads = {
    orders = {
      sql       = "CALL sales.load_orders()"
      schedules = { nightly = { expression = "cron(0 3 * * ? *)" } }
    }
  }
  gateway = { authorization = { mode = "NONE" }, allowed_origins = [], access_logs = false }
}

output "websocket_url" {
  value = module.relay.websocket_url
}

output "workgroup_arn" {
  value = data.aws_redshiftserverless_workgroup.this.arn
}
