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

run "refuses_files_with_mistakes" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    queries_directory = "fixtures/queries/mistakes"
  }

  expect_failures = [output.query_names]
}

run "refuses_example_queries_on_own_objects" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    objects_directory  = "fixtures/objects/good"
    template_variables = { greeting = "hello" }
    gateway            = { authorization = { mode = "NONE" }, allowed_origins = ["https://data.example.com"] }
  }

  expect_failures = [var.queries_directory]
}
