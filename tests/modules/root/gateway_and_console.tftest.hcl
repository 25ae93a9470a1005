mock_provider "aws" {
  source = "./mocks"
}

# One mock cannot be both a WebSocket API and an HTTP API.
override_resource {
  target = module.websocket_gateway[0].aws_apigatewayv2_api.tickets
  values = { id = "def456", api_endpoint = "https://def456.execute-api.us-east-1.amazonaws.com", execution_arn = "arn:aws:execute-api:us-east-1:123456789012:def456" }
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

run "with_gateway" {
  command = apply

  module {
    source = "../.."
  }

  variables {
    gateway = {
      authorization       = { mode = "JWT", issuer = "https://login.example.com", audience = ["page"] }
      allowed_origins     = ["https://data.example.com"]
      data_version_events = { dbt = "{\"source\": [\"dbt\"]}" }
    }
  }

  assert {
    condition     = output.gateway.role.name == "taxi-gateway" && output.gateway.database_user == "IAMR:taxi-gateway" && output.database_user == "loader"
    error_message = "the gateway is not a user of its own"
  }

  assert {
    condition     = contains(module.warehouse_objects.files, "R__grant_gateway.sql") && local.template_variables.gateway_user == "IAMR:taxi-gateway"
    error_message = "the gateway may not read"
  }

  assert {
    condition     = output.gateway.query_names == tolist(["daily_trips", "monthly_volume"]) && output.gateway.rule_names == tomap({ run_ended = "taxi-gateway-run-ended", load = "taxi-gateway-data-load", dbt = "taxi-gateway-data-dbt" })
    error_message = "wrong queries or rules"
  }

  assert {
    condition     = jsondecode(local.load_ended) == { source = ["redshift-relay"], detail-type = ["Load Finished", "Load Failed"], detail = { name_prefix = ["taxi"] } }
    error_message = "a load that finished, or failed or was cancelled after its COMMIT, leaves answers as they were"
  }

  assert {
    condition     = output.function_names.socket == "taxi-gateway-socket" && output.function_names.deliver == "taxi-gateway-deliver" && output.failure_queue_urls.deliver != null && output.websocket_url != null && output.ticket_url != null
    error_message = "wrong outputs"
  }
}

run "own_queries" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    gateway            = { authorization = { mode = "NONE" }, allowed_origins = ["*"], database_user = "reader" }
    queries_directory  = "fixtures/queries/own"
    template_variables = { schema = "taxi" }
  }

  assert {
    condition     = output.gateway.query_names == tolist(["trips"]) && output.gateway.database_user == "reader"
    error_message = "the own queries are not asked, or not as the own user"
  }
}

run "with_console" {
  command = apply

  module {
    source = "../.."
  }

  variables {
    gateway = {
      authorization   = { mode = "JWT", issuer = "https://login.example.com", audience = ["page"] }
      allowed_origins = ["https://data.example.com"]
    }
    console = {
      oidc  = { issuer = "https://login.example.com", client_id = "page", end_session_endpoint = "https://login.example.com/logout" }
      title = "City Trips"
    }
  }

  assert {
    condition     = output.console_url == "https://d111.cloudfront.net" && output.console.distribution_id != null && output.console.bucket != null
    error_message = "wrong outputs"
  }

  assert {
    condition     = jsonencode(local.allowed_origins) == jsonencode(["https://data.example.com", "https://d111.cloudfront.net"])
    error_message = "the gateway does not let the page in"
  }

  # The name, not an address of this gateway: that would be a cycle.
  assert {
    condition     = strcontains(output.console.content_security_policy, "connect-src 'self' https://login.example.com wss://*.execute-api.us-east-1.amazonaws.com https://*.execute-api.us-east-1.amazonaws.com;")
    error_message = "wrong policy: ${output.console.content_security_policy}"
  }

  assert {
    condition     = jsondecode(output.console.config).title == "City Trips" && jsondecode(output.console.config).endpoint == output.websocket_url && jsondecode(output.console.config).ticket_url == output.ticket_url && jsondecode(output.console.config).authorization.mode == "JWT" && jsondecode(output.console.config).authorization.oidc.client_id == "page" && jsondecode(output.console.config).authorization.oidc.end_session_endpoint == "https://login.example.com/logout"
    error_message = "wrong config.json"
  }
}

run "with_console_alone" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    gateway = { authorization = { mode = "NONE" } }
    console = {}
  }

  assert {
    condition     = length(local.other_origins) == 0 && length(local.page_origins) == 1
    error_message = "others than the page may connect"
  }
}

run "with_console_for_everybody" {
  command = apply

  module {
    source = "../.."
  }

  variables {
    gateway = {
      authorization   = { mode = "NONE" }
      allowed_origins = ["*"]
      websocket_url   = "wss://ask.example.com"
    }
    console = {
      connect_sources     = ["wss://ask.example.com"]
      domain              = { aliases = ["data.example.com", "*.example.com"], certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/1" }
      price_class         = "PriceClass_All"
      wait_for_deployment = false
    }
  }

  assert {
    condition     = output.console_url == "https://data.example.com" && jsonencode(local.allowed_origins) == jsonencode(["*"])
    error_message = "wrong address, or everybody became somebody"
  }

  assert {
    condition     = strcontains(output.console.content_security_policy, "connect-src 'self' wss://ask.example.com;") && jsondecode(output.console.config).authorization.mode == "NONE" && jsondecode(output.console.config).title == "Redshift Relay"
    error_message = "wrong policy or config.json"
  }
}
