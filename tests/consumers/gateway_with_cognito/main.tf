# A gateway for signed-in people. User pool and gateway are created by the same apply: the client knows the page by its
# address, and the gateway knows the client, so nothing waits for itself.
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
  page = "https://data.example.com"
}

resource "aws_cognito_user_pool" "this" {
  name = "analysts"
}

resource "aws_cognito_user_pool_client" "page" {
  name                                 = "page"
  user_pool_id                         = aws_cognito_user_pool.this.id
  explicit_auth_flows                  = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = ["code"]
  allowed_oauth_scopes                 = ["openid", "profile"]
  supported_identity_providers         = ["COGNITO"]
  callback_urls                        = [local.page]
  logout_urls                          = [local.page]
}

module "gateway" {
  source = "git::https://example.com/redshift-relay.git//modules/websocket_gateway?ref=v0.1.0"

  name_prefix     = "analysts"
  redshift        = { database = "dev", cluster = { identifier = "warehouse" } }
  allowed_origins = [local.page]

  authorization = {
    mode     = "JWT"
    issuer   = "https://${aws_cognito_user_pool.this.endpoint}"
    audience = [aws_cognito_user_pool_client.page.id]
  }

  queries = {
    today = { description = "The warehouse's date", sql = "SELECT CURRENT_DATE AS today" }
  }
}

output "user_pool_id" {
  value = aws_cognito_user_pool.this.id
}

output "client_id" {
  value = aws_cognito_user_pool_client.page.id
}

output "websocket_url" {
  value = module.gateway.websocket_url
}

output "ticket_url" {
  value = module.gateway.ticket_url
}
