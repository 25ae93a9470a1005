mock_provider "aws" {
  source = "./mocks"

  mock_resource "aws_secretsmanager_secret" {
    defaults = { arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:made" }
  }
}

run "secrets_may_be_made_in_the_same_apply" {
  command = plan

  module {
    source = "./fixtures/new_secret"
  }
}

run "the_secret_names_the_user" {
  command = apply

  module {
    source = "./fixtures/new_secret"
  }

  # Both secrets have one ARN here, which the root module refuses: the owner of the objects could change them.
  override_resource {
    target = aws_secretsmanager_secret.reader
    values = { arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:reader" }
  }

  assert {
    condition     = output.gateway_user == null
    error_message = "the gateway's user is another one than the secret's"
  }
}
