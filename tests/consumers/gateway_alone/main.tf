# A gateway beside a pipeline of somebody else's. Their event says when the data changed.
terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.83, < 7.0"
    }
  }
}

module "gateway" {
  source = "git::https://example.com/redshift-relay.git//modules/websocket_gateway?ref=v0.1.0"

  name_prefix     = "board"
  redshift        = { database = "analytics", cluster = { identifier = "warehouse" } }
  authorization   = { mode = "NONE" }
  allowed_origins = ["https://board.example.com"]

  queries = {
    double = {
      description = "Twice a number"
      sql         = "SELECT CAST(:number AS INT) * 2 AS doubled"
      parameters  = { number = { type = "integer", minimum = 0, maximum = 1000 } }
    }
  }

  data_version_events = {
    dbt = jsonencode({ source = ["com.example.dbt"], detail-type = ["Run Ended"] })
  }
}

output "websocket_url" {
  value = module.gateway.websocket_url
}
