mock_provider "aws" {
  source = "./mocks"
}

variables {
  name_prefix = "taxi"
  redshift    = { database = "dev", cluster = { identifier = "warehouse", user = "loader" } }
  data        = { s3_uri = "s3://trips/yellow/", region = "us-east-1" }

  loads = {
    trips = { sql = "CALL public.execute_elt_process()", schedules = { nightly = { expression = "rate(1 day)" } } }
  }
  subscriptions = {
    me = { protocol = "email", endpoint = "me@example.com" }
  }
}

run "refuses_gateway_for_no_page" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    gateway = { authorization = { mode = "NONE" } }
  }

  expect_failures = [var.console]
}

run "refuses_gateway_as_the_owner" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    gateway = { authorization = { mode = "NONE" }, allowed_origins = ["*"], database_user = "loader" }
  }

  expect_failures = [var.gateway]
}

run "refuses_gateway_with_user_and_secret" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    gateway = { authorization = { mode = "NONE" }, allowed_origins = ["*"], database_user = "reader", secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:s" }
  }

  expect_failures = [var.gateway]
}

run "refuses_gateway_with_event_of_the_pipeline" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    gateway = { authorization = { mode = "NONE" }, allowed_origins = ["*"], data_version_events = { load = "{}" } }
  }

  expect_failures = [var.gateway]
}

run "refuses_any_origin_beside_others" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    gateway = {
      authorization   = { mode = "NONE" }
      allowed_origins = ["*", "https://data.example.com"]
    }
  }

  expect_failures = [var.gateway]
}

run "refuses_console_without_gateway" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    console = {}
  }

  expect_failures = [var.console]
}

run "refuses_console_without_the_gateways_sign_in" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    gateway = { authorization = { mode = "JWT", issuer = "https://login.example.com", audience = ["page"] }, allowed_origins = [] }
    console = {}
  }

  expect_failures = [var.console]
}

run "refuses_console_with_a_sign_in_that_nobody_checks" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    gateway = { authorization = { mode = "NONE" }, allowed_origins = [] }
    console = { oidc = { issuer = "https://login.example.com", client_id = "page" } }
  }

  expect_failures = [var.console]
}

run "refuses_console_that_may_not_reach_the_gateways_own_domain" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    gateway = { authorization = { mode = "NONE" }, allowed_origins = [], websocket_url = "wss://ask.example.com" }
    console = {}
  }

  expect_failures = [var.console]
}

run "refuses_sign_in_elsewhere" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    gateway = { authorization = { mode = "JWT", issuer = "https://login.example.com", audience = ["page"] } }
    console = { oidc = { issuer = "https://elsewhere.example.com", client_id = "page" } }
  }

  expect_failures = [var.console]
}
