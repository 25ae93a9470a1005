# The gateway's sign-in: a user pool with one user.
resource "aws_cognito_user_pool" "this" {
  name = var.name_prefix
}

resource "aws_cognito_user_pool_client" "page" {
  name                = "page"
  user_pool_id        = aws_cognito_user_pool.this.id
  explicit_auth_flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
}

resource "aws_cognito_user" "reader" {
  user_pool_id   = aws_cognito_user_pool.this.id
  username       = "reader"
  password       = var.password
  message_action = "SUPPRESS"
}

locals {
  issuer = "https://${aws_cognito_user_pool.this.endpoint}"
}
