mock_provider "aws" {
  source = "./mocks"
}

variables {
  name_prefix = "taxi"
  redshift    = { database = "dev", cluster = { identifier = "warehouse", user = "loader" } }
  data        = { s3_uri = "s3://trips/yellow/", region = "us-east-1" }
}

run "one_page_over_everything" {
  command = apply

  module {
    source = "../.."
  }

  variables {
    gateway = { authorization = { mode = "NONE" }, allowed_origins = [] }
  }

  assert {
    condition     = output.dashboard_name == "taxi-relay"
    error_message = "no dashboard"
  }

  assert {
    condition     = alltrue([for name in values(output.function_names) : strcontains(aws_cloudwatch_dashboard.this[0].dashboard_body, "\"AWS/Lambda\",\"Errors\",\"FunctionName\",\"${name}\"")])
    error_message = "a function is missing"
  }

  assert {
    condition     = alltrue([for name in values(output.log_group_names) : strcontains(aws_cloudwatch_dashboard.this[0].dashboard_body, "SOURCE '${name}'")])
    error_message = "a log group is missing"
  }

  assert {
    condition     = length([for widget in jsondecode(aws_cloudwatch_dashboard.this[0].dashboard_body).widgets : widget if try(widget.properties.title, "") == "Gateway"]) == 1
    error_message = "the gateway is missing"
  }

  assert {
    condition     = length([for widget in jsondecode(aws_cloudwatch_dashboard.this[0].dashboard_body).widgets : widget if widget.type == "metric" && length(try(widget.properties.metrics, [])) == 0]) == 0
    error_message = "an empty widget"
  }
}

run "without_a_gateway" {
  command = apply

  module {
    source = "../.."
  }

  assert {
    condition     = length([for widget in jsondecode(aws_cloudwatch_dashboard.this[0].dashboard_body).widgets : widget if try(widget.properties.title, "") == "Gateway"]) == 0
    error_message = "a widget for a gateway that does not exist"
  }
}

run "without_a_dashboard" {
  command = apply

  module {
    source = "../.."
  }

  variables {
    dashboard = false
  }

  assert {
    condition     = output.dashboard_name == null && length(aws_cloudwatch_dashboard.this) == 0
    error_message = "there is a dashboard"
  }
}
