# Page and gateway without the root module, as the README shows them: each names the other.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

module "console" {
  source = "../../../modules/web_console"

  name_prefix   = "trips"
  websocket_url = module.gateway.websocket_url
  ticket_url    = module.gateway.ticket_url
  authorization = { mode = module.gateway.authorization_mode, oidc = { issuer = "https://login.example.com", client_id = "page" } }
}

module "gateway" {
  source = "../../../modules/websocket_gateway"

  name_prefix     = "trips"
  redshift        = { database = "dev", cluster = { identifier = "warehouse" } }
  authorization   = { mode = "JWT", issuer = "https://login.example.com", audience = ["page"] }
  allowed_origins = [module.console.url]
  queries         = { one = { sql = "SELECT 1", description = "One" } }
}

output "config" {
  description = "What the page reads."
  value       = jsondecode(module.console.config)
}

output "websocket_url" {
  description = "Where the gateway is."
  value       = module.gateway.websocket_url
}
