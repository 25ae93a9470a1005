mock_provider "aws" {
  source = "./mocks"
}

variables {
  name_prefix     = "taxi"
  redshift        = { database = "dev", cluster = { identifier = "warehouse" } }
  authorization   = { mode = "NONE" }
  allowed_origins = ["*"]

  queries = {
    daily_trips = {
      sql         = "-- What: a day; ':none'\nSELECT SUM(x)::FLOAT8 AS \"a:b\", ':text;' FROM t WHERE m >= CAST(:month AS DATE) AND n > :least /* :no; */ AND o = :tenant;\n"
      description = "Trips"
      parameters = {
        month  = { type = "month", description = "Month", minimum = "2009-01" }
        least  = { type = "integer", default = "1", minimum = 0, maximum = 10 }
        tenant = { type = "claim", claim = "custom:tenant" }
      }
      allowed_groups = ["analysts"]
    }
  }
}

run "refuses_wrong_settings" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    name_prefix          = "Taxi_"
    permissions_boundary = "boundary"
    log_retention_days   = 31
    kms_key_arn          = "alias/relay"
    log_level            = "LOUD"
    allowed_origins      = ["https://data.example.com/"]
    data_version_events  = { "My dbt" = "{}" }
    throttle             = { rate = 0 }

    outgoing_message_bytes = 131073
    alarm_thresholds       = { backlog = -1 }
    max_open_requests      = 0
    max_message_bytes      = 100

    max_running_statements            = 401
    max_running_statements_per_person = 0

    groups_claim         = " "
    stage_name           = "$default"
    management_endpoint  = "wss://ws.example.com"
    websocket_url        = "https://ws.example.com"
    ticket_url           = "https://api.example.com"
    memory_mb            = { deliver = 64 }
    reserved_concurrency = { socket = 0 }
  }

  expect_failures = [var.name_prefix, var.permissions_boundary, var.log_retention_days, var.kms_key_arn, var.log_level, var.allowed_origins, var.data_version_events, var.throttle, var.alarm_thresholds, var.max_open_requests, var.max_message_bytes, var.outgoing_message_bytes, var.max_running_statements, var.max_running_statements_per_person, var.groups_claim, var.stage_name, var.management_endpoint, var.websocket_url, var.ticket_url, var.memory_mb, var.reserved_concurrency]
}

run "refuses_wrong_mix_of_redshift" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    redshift = { database = "dev", cluster = { identifier = "warehouse", user = "reader" }, secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:s" }
  }

  expect_failures = [var.redshift]
}

run "refuses_every_origin_beside_one" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    allowed_origins = ["*", "https://data.example.com"]
  }

  expect_failures = [var.allowed_origins]
}

run "refuses_pattern_of_everything" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    data_version_events = { all = "{}" }
  }

  expect_failures = [var.data_version_events]
}

run "refuses_mode" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    authorization = { mode = "none" }
  }

  expect_failures = [var.authorization]
}

run "refuses_jwt_without_audience" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    authorization = { mode = "JWT", issuer = "https://login.example.com" }
  }

  expect_failures = [var.authorization]
}

run "refuses_jwt_without_issuer" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    authorization = { mode = "JWT", audience = ["page"] }
  }

  expect_failures = [var.authorization]
}

run "refuses_plain_issuer" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    authorization = { mode = "JWT", issuer = "http://login.example.com", audience = ["page"] }
  }

  expect_failures = [var.authorization]
}

run "refuses_custom_without_authorizer" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    authorization = { mode = "CUSTOM" }
  }

  expect_failures = [var.authorization]
}

run "refuses_none_with_issuer" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    authorization = { mode = "NONE", issuer = "https://login.example.com" }
  }

  expect_failures = [var.authorization]
}

run "refuses_jwt_with_authorizer" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    authorization = { mode = "JWT", issuer = "https://login.example.com", audience = ["page"], authorizer = { lambda_arn = "arn:aws:lambda:us-east-1:123456789012:function:mine", identity_sources = ["route.request.querystring.token"] } }
  }

  expect_failures = [var.authorization]
}

run "refuses_invoke_arn_of_authorizer" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    authorization = { mode = "CUSTOM", authorizer = { lambda_arn = "arn:aws:apigateway:us-east-1:lambda:path/x", identity_sources = ["route.request.querystring.token"] } }
  }

  expect_failures = [var.authorization]
}

run "refuses_authorizer_without_source" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    authorization = { mode = "CUSTOM", authorizer = { lambda_arn = "arn:aws:lambda:us-east-1:123456789012:function:mine", identity_sources = [] } }
  }

  expect_failures = [var.authorization]
}

run "refuses_an_authorizer_that_takes_the_question" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    authorization = { mode = "CUSTOM", authorizer = { lambda_arn = "arn:aws:lambda:us-east-1:123456789012:function:mine", identity_sources = ["route.request.querystring.query"] } }
  }

  expect_failures = [var.authorization]
}

run "refuses_a_throttle_of_no_route" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    throttle = { routes = { pings = { rate = 5, burst = 5 } } }
  }

  expect_failures = [var.throttle]
}

run "refuses_to_disable_the_only_endpoint" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    disable_execute_api_endpoint = true
    management_endpoint          = "https://ws.example.com"
  }

  expect_failures = [var.disable_execute_api_endpoint]
}

run "refuses_database_roles_on_a_cluster" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    database_roles = ["analyst"]
  }

  expect_failures = [var.database_roles]
}
