mock_provider "aws" {
  source = "./mocks"
}

variables {
  name_prefix   = "taxi"
  websocket_url = "wss://abc123.execute-api.us-east-1.amazonaws.com/v1"
  ticket_url    = "https://def456.execute-api.us-east-1.amazonaws.com/v1/ticket"
  authorization = {
    mode = "JWT"
    oidc = {
      issuer                 = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_abc"
      client_id              = "page"
      authorization_endpoint = "https://login.example.com/oauth2/authorize"
      token_endpoint         = "https://login.example.com/oauth2/token"
      end_session_endpoint   = "https://leave.example.com/logout"
    }
  }
}

run "refuses_wrong_settings" {
  command = plan

  module {
    source = "../../modules/web_console"
  }

  variables {
    name_prefix          = "Taxi_"
    websocket_url        = "ws://ask.example.com/v1"
    title                = ""
    connect_sources      = ["wss://ask.example.com; script-src *"]
    domain               = { aliases = ["data.example.com"], certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/1" }
    web_acl_arn          = "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/page/1"
    access_logs_bucket   = "logs"
    price_class          = "PriceClass_1"
    page_directory       = "nowhere"
    permissions_boundary = "boundary"
    log_retention_days   = 31
    kms_key_arn          = "alias/relay"
  }

  expect_failures = [var.name_prefix, var.websocket_url, var.title, var.connect_sources, var.domain, var.web_acl_arn, var.access_logs_bucket, var.price_class, var.page_directory, var.permissions_boundary, var.log_retention_days, var.kms_key_arn]
}

run "refuses_wildcard_as_address" {
  command = plan

  module {
    source = "../../modules/web_console"
  }

  variables {
    domain = { aliases = ["*.example.com"], certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/1" }
  }

  expect_failures = [var.domain]
}

run "refuses_jwt_without_sign_in" {
  command = plan

  module {
    source = "../../modules/web_console"
  }

  variables {
    authorization = { mode = "JWT" }
  }

  expect_failures = [var.authorization]
}

run "refuses_jwt_without_tickets" {
  command = plan

  module {
    source = "../../modules/web_console"
  }

  variables {
    ticket_url = null
  }

  expect_failures = [var.ticket_url]
}

run "refuses_sign_in_without_jwt" {
  command = plan

  module {
    source = "../../modules/web_console"
  }

  variables {
    authorization = { mode = "NONE", oidc = { issuer = "https://login.example.com", client_id = "page" } }
  }

  expect_failures = [var.authorization]
}

run "refuses_issuer_that_is_no_url" {
  command = plan

  module {
    source = "../../modules/web_console"
  }

  variables {
    authorization = { mode = "JWT", oidc = { issuer = "login.example.com", client_id = "page" } }
  }

  expect_failures = [var.authorization]
}

run "refuses_end_of_session_that_is_no_url" {
  command = plan

  module {
    source = "../../modules/web_console"
  }

  variables {
    authorization = { mode = "JWT", oidc = { issuer = "https://login.example.com", client_id = "page", end_session_endpoint = "http://login.example.com/logout" } }
  }

  expect_failures = [var.authorization]
}

run "refuses_mode" {
  command = plan

  module {
    source = "../../modules/web_console"
  }

  variables {
    authorization = { mode = "OPEN" }
  }

  expect_failures = [var.authorization]
}
