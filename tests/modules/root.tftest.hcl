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

  schedules = {
    nightly = { schedule_expression = "rate(1 day)", sql = "CALL public.execute_elt_process()" }
  }
  subscriptions = {
    me = { protocol = "email", endpoint = "me@example.com" }
  }
}

run "whole_pipeline" {
  command = apply

  module {
    source = "../.."
  }

  assert {
    condition     = output.function_names == { notifier = "taxi-notifier", scheduler = "taxi-scheduler", warehouse_objects = "taxi-warehouse-objects" }
    error_message = "wrong names"
  }

  assert {
    condition     = output.statement_role.name == "taxi-statements" && output.database_user == "loader" && alltrue([for r in [module.scheduler.role, module.warehouse_objects.role, module.notifier.role] : r == output.statement_role])
    error_message = "the functions do not share the statement role"
  }

  assert {
    condition     = output.schedule_names == tolist(["nightly"]) && output.schedule_group_name == "taxi-scheduler" && output.sweep_schedule_name == "taxi-notifier/sweep" && output.rule_names.pipeline == "taxi-statements-pipeline" && output.rule_names.load_not_started == "taxi-load-not-started"
    error_message = "wrong wiring"
  }

  assert {
    condition     = module.warehouse_objects.files == tolist(["V1__nyc_yellow_taxi.sql", "V2__nyc_yellow_taxi_staging.sql", "V3__nyc_yellow_taxi_volume_analysis.sql", "R__execute_elt_process.sql"])
    error_message = "the example objects are not applied"
  }

  assert {
    condition = output.drop_sql == join("\n", [
      "DROP PROCEDURE public.execute_elt_process();",
      "DROP MATERIALIZED VIEW IF EXISTS public.nyc_yellow_taxi_volume_analysis;",
      "DROP TABLE IF EXISTS public.nyc_yellow_taxi_staging;",
      "DROP TABLE IF EXISTS public.nyc_yellow_taxi;",
      "DROP TABLE IF EXISTS public.redshift_relay_history_taxi;",
    ])
    error_message = "the SQL that would drop the objects is wrong"
  }

  assert {
    condition     = output.gateway == null && output.websocket_url == null && output.ticket_url == null && output.console == null && output.console_url == null
    error_message = "there is a gateway, or a page"
  }

  assert {
    condition     = output.version == trimspace(file("../../functions/relay/VERSION")) && output.topic_arn != null && output.failure_queue_urls.scheduler != null
    error_message = "wrong outputs"
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
    condition     = output.gateway.query_names == tolist(["daily_trips", "monthly_volume"]) && output.gateway.rule_names == tomap({ run_ended = "taxi-gateway-run-ended", load = "taxi-gateway-data-load", load-unheard = "taxi-gateway-data-load-unheard", dbt = "taxi-gateway-data-dbt" })
    error_message = "wrong queries or rules"
  }

  assert {
    condition     = jsondecode(local.load_ended).detail.state == ["FINISHED", "FAILED", "ABORTED"]
    error_message = "a load that failed or was cancelled after its COMMIT leaves answers as they were"
  }

  assert {
    condition     = jsondecode(local.load_unheard) == { source = ["redshift-relay"], detail-type = ["Load Ended"], detail = { name_prefix = ["taxi"] } }
    error_message = "a load whose event was lost leaves answers as they were"
  }

  assert {
    condition     = output.function_names.socket == "taxi-gateway-socket" && output.function_names.deliver == "taxi-gateway-deliver" && output.failure_queue_urls.deliver != null && output.websocket_url != null && output.ticket_url != null
    error_message = "wrong outputs"
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
      oidc    = { issuer = "https://login.example.com", client_id = "page", end_session_endpoint = "https://login.example.com/logout" }
      title   = "City Trips"
      columns = { total_fare = { unit = "$" } }
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
    condition     = jsondecode(output.console.config).title == "City Trips" && jsondecode(output.console.config).endpoint == output.websocket_url && jsondecode(output.console.config).ticket_url == output.ticket_url && jsondecode(output.console.config).authorization.mode == "JWT" && jsondecode(output.console.config).authorization.oidc.client_id == "page" && jsondecode(output.console.config).authorization.oidc.end_session_endpoint == "https://login.example.com/logout" && jsondecode(output.console.config).columns.total_fare.unit == "$"
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
      domain              = { aliases = ["data.example.com"], certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/1" }
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

run "own_queries" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    gateway            = { authorization = { mode = "NONE" }, allowed_origins = ["*"], database_user = "reader" }
    queries_directory  = "queries/own"
    template_variables = { schema = "taxi" }
  }

  assert {
    condition     = output.gateway.query_names == tolist(["trips"]) && output.gateway.database_user == "reader"
    error_message = "the own queries are not asked, or not as the own user"
  }
}

run "own_objects_need_no_data" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    history_table      = "ours.history"
    data               = null
    objects_directory  = "objects/good"
    template_variables = { schema = "trips", crlf = "\r\n" }
  }

  assert {
    condition     = module.warehouse_objects.files[0] == "V1__schema.sql" && module.warehouse_objects.history_table == "ours.history"
    error_message = "the own objects are not applied"
  }
}

# Every validation refuses what it is there for.

run "refuses_wrong_settings" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    name_prefix          = "Taxi_"
    permissions_boundary = "boundary"
    log_retention_days   = 31
    kms_key_arn          = "alias/relay"
    log_level            = "LOUD"
  }

  expect_failures = [var.name_prefix, var.permissions_boundary, var.log_retention_days, var.kms_key_arn, var.log_level]
}

run "refuses_wrong_mix_of_redshift" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    redshift = { database = "dev", cluster = { identifier = "warehouse", user = "loader" }, secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:s" }
  }

  expect_failures = [var.redshift]
}

run "refuses_missing_data" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    data = null
  }

  expect_failures = [var.data]
}

run "refuses_s3_uri_with_a_quote" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    data = { s3_uri = "s3://trips/' OR", region = "us-east-1" }
  }

  expect_failures = [var.data]
}

run "refuses_region" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    data = { s3_uri = "s3://trips/", region = "Virginia" }
  }

  expect_failures = [var.data]
}

run "takes_regions_of_every_partition" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    data = { s3_uri = "s3://trips/", region = "eusc-de-east-1" }
  }

  assert {
    condition     = local.template_variables.s3_region == "eusc-de-east-1"
    error_message = "another region"
  }
}

run "refuses_copy_role" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    data = { s3_uri = "s3://trips/", region = "us-east-1", copy_role = "loader" }
  }

  expect_failures = [var.data]
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

run "refuses_gateway_with_the_sweeps_event_of_the_pipeline" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    gateway = { authorization = { mode = "NONE" }, allowed_origins = ["*"], data_version_events = { load-unheard = "{}" } }
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

run "refuses_queries_with_misspelt_setting" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    queries_directory = "queries/misspelt"
  }

  expect_failures = [var.queries_directory]
}

run "refuses_query_without_description" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    queries_directory = "queries/lonely"
  }

  expect_failures = [var.queries_directory]
}

run "refuses_example_queries_on_own_objects" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    objects_directory  = "objects/good"
    template_variables = { greeting = "hello" }
    gateway            = { authorization = { mode = "NONE" }, allowed_origins = ["https://data.example.com"] }
  }

  expect_failures = [var.queries_directory]
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
