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
    latest = {
      sql     = "SELECT :month"
      label   = "Latest"
      default = true
      chart   = "figure"
      columns = { year = { label = "Year", format = "plain", decimals = 0, sum = false, role = "name" }, fare = { unit = "$" } }
      parameters = {
        month = { type = "month", label = "Month", order = 1, values = { query = "months", column = "month" }, latest = true }
      }
    }
    months = {
      sql        = "SELECT :since, :tenant"
      parameters = { since = { type = "date", default = "2015-01-01" }, tenant = { type = "claim" } }
    }
  }
}

run "catalog" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  assert {
    condition     = jsondecode(aws_dynamodb_table_item.query["daily_trips"].item).pk.S == "CATALOG" && jsondecode(aws_dynamodb_table_item.query["daily_trips"].item).sk.S == "daily_trips"
    error_message = "wrong key"
  }

  assert {
    condition     = jsondecode(jsondecode(aws_dynamodb_table_item.query["daily_trips"].item).definition.S).parameters == { month = { type = "month", description = "Month", minimum = "2009-01" }, least = { type = "integer", description = "", default = "1", minimum = "0", maximum = "10" }, tenant = { type = "claim", description = "", claim = "custom:tenant" } }
    error_message = "wrong parameters"
  }

  assert {
    condition     = { for k, v in jsondecode(jsondecode(aws_dynamodb_table_item.query["daily_trips"].item).definition.S) : k => v if !contains(["sql", "parameters"], k) } == { label = null, description = "Trips", default = false, chart = null, columns = {}, max_rows = 10000, timeout_seconds = 300, max_age_seconds = null, min_refresh_seconds = 0, allowed_groups = ["analysts"], refreshed_by = null }
    error_message = "wrong limits"
  }

  assert {
    condition     = { for k, v in jsondecode(jsondecode(aws_dynamodb_table_item.query["latest"].item).definition.S) : k => v if contains(["label", "default", "chart", "columns", "parameters"], k) } == { label = "Latest", default = true, chart = "figure", columns = { fare = { unit = "$" }, year = { label = "Year", format = "plain", decimals = 0, sum = false, role = "name" } }, parameters = { month = { type = "month", label = "Month", description = "", order = 1, values = { query = "months", column = "month" }, latest = true } } }
    error_message = "wrong words for pages"
  }

  assert {
    condition     = jsondecode(jsondecode(aws_dynamodb_table_item.query["daily_trips"].item).definition.S).sql == var.queries.daily_trips.sql && output.query_names == tolist(["daily_trips", "latest", "months"])
    error_message = "wrong SQL"
  }
}

run "takes_parameters_named_as_headers_and_claims_named_as_anything" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    authorization = { mode = "CUSTOM", authorizer = { lambda_arn = "arn:aws:lambda:us-east-1:123456789012:function:mine", identity_sources = ["route.request.header.other", "route.request.querystring.tenant"] } }
    queries       = { q = { sql = "SELECT :other, :tenant", parameters = { other = { type = "text" }, tenant = { type = "claim" } } } }
  }
}

run "refuses_query_name" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    queries = { Daily = { sql = "SELECT 1" } }
  }

  expect_failures = [var.queries]
}

run "grants" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    queries = {
      a = { sql = "WITH b AS (SELECT EXTRACT(month FROM t.day) AS m FROM public.trips t) SELECT * FROM b JOIN Ours.Zones z ON 'FROM x.y' = z.name" }
      c = { sql = "SELECT 1 FROM public.trips" }
    }
  }

  assert {
    condition = output.grants_sql == join("\n", [
      "GRANT USAGE ON SCHEMA ours TO \"IAMR:taxi-gateway\";",
      "GRANT USAGE ON SCHEMA public TO \"IAMR:taxi-gateway\";",
      "GRANT SELECT ON ours.zones TO \"IAMR:taxi-gateway\";",
      "GRANT SELECT ON public.trips TO \"IAMR:taxi-gateway\";",
    ])
    error_message = "wrong grants: ${output.grants_sql}"
  }
}

run "refuses_queries_that_could_not_run" {
  command = plan

  module {
    source = "../../modules/websocket_gateway"
  }

  variables {
    authorization = { mode = "CUSTOM", authorizer = { lambda_arn = "arn:aws:lambda:us-east-1:123456789012:function:mine", identity_sources = ["route.request.header.other", "route.request.querystring.token"] } }
    queries = {
      parameter_name                       = { sql = "SELECT :live", parameters = { live = { type = "text" } } }
      parameters_that_the_authorizer_takes = { sql = "SELECT :token, :other", parameters = { token = { type = "text" }, other = { type = "text" } } }
      type                                 = { sql = "SELECT :a", parameters = { a = { type = "string" } } }
      choice_without_choices               = { sql = "SELECT :a", parameters = { a = { type = "choice" } } }
      length                               = { sql = "SELECT :a", parameters = { a = { type = "text", max_length = 0 } } }
      rows                                 = { sql = "SELECT 1", max_rows = 0 }
      timeout                              = { sql = "SELECT 1", timeout_seconds = 0 }
      group                                = { sql = "SELECT 1", allowed_groups = ["data team"] }
      age                                  = { sql = "SELECT 1", max_age_seconds = -1 }
      refreshed                            = { sql = "SELECT 1", refreshed_by = ["unknown"] }
      size                                 = { sql = "SELECT '${join("", [for i in range(100) : join("", [for j in range(1000) : "x"])])}'" }
      that_changes                         = { sql = "DELETE FROM t" }
      that_makes_a_table                   = { sql = "SELECT 1 INTO t" }
      of_two_statements                    = { sql = "SELECT 1; SELECT 2" }
      undeclared                           = { sql = "SELECT :a, x::int" }
      unused                               = { sql = "SELECT ':a'", parameters = { a = { type = "text" } } }
      misplaced                            = { sql = "SELECT :a", parameters = { a = { type = "text", minimum = "1" } } }
      claim_with_default                   = { sql = "SELECT :a", parameters = { a = { type = "claim", default = "x" } } }
      default                              = { sql = "SELECT :a", parameters = { a = { type = "date", default = "2015-02-30" } } }
      default_no_choice                    = { sql = "SELECT :a", parameters = { a = { type = "choice", choices = ["x"], default = "y" } } }
      disordered                           = { sql = "SELECT :a", parameters = { a = { type = "number", minimum = "9", default = "10", maximum = "9.5" } } }
      parameter_upper_case                 = { sql = "SELECT :A", parameters = { A = { type = "text" } } }
      default_one                          = { sql = "SELECT 1", default = true }
      default_two                          = { sql = "SELECT 1", default = true }
      chart                                = { sql = "SELECT 1", chart = "pie" }
      label                                = { sql = "SELECT 1", label = " " }
      label_of_column                      = { sql = "SELECT 1", columns = { fare = { label = "" } } }
      label_of_parameter                   = { sql = "SELECT :a", parameters = { a = { type = "text", label = "" } } }
      format                               = { sql = "SELECT 1", columns = { fare = { format = "euro" } } }
      role                                 = { sql = "SELECT 1", columns = { fare = { role = "key" } } }
      decimals_above                       = { sql = "SELECT 1", columns = { fare = { decimals = 9 } } }
      decimals_broken                      = { sql = "SELECT 1", columns = { fare = { decimals = 1.5 } } }
      order                                = { sql = "SELECT :a, :b", parameters = { a = { type = "text", order = 1 }, b = { type = "text", order = 1 } } }
      latest_alone                         = { sql = "SELECT :a", parameters = { a = { type = "month", latest = true } } }
      values_of_text                       = { sql = "SELECT :a", parameters = { a = { type = "text", values = { query = "chart", column = "a" } } } }
      values_of_nothing                    = { sql = "SELECT :a", parameters = { a = { type = "month", values = { query = "none", column = "a" } } } }
      values_that_need_one                 = { sql = "SELECT :a", parameters = { a = { type = "month", values = { query = "order", column = "a" } } } }
      values_for_some                      = { sql = "SELECT :a", parameters = { a = { type = "month", values = { query = "for_analysts", column = "a" } } } }
      values_for_other_groups              = { sql = "SELECT :a", allowed_groups = ["analysts", "all"], parameters = { a = { type = "month", values = { query = "for_analysts", column = "a" } } } }
      for_analysts                         = { sql = "SELECT 1", allowed_groups = ["analysts"] }
      values_for_the_same_groups           = { sql = "SELECT :a", allowed_groups = ["analysts"], parameters = { a = { type = "month", latest = false, values = { query = "for_analysts", column = "a" } } } }
    }
  }

  expect_failures = [
    aws_dynamodb_table_item.query["parameter_name"],
    aws_dynamodb_table_item.query["parameters_that_the_authorizer_takes"],
    aws_dynamodb_table_item.query["type"],
    aws_dynamodb_table_item.query["choice_without_choices"],
    aws_dynamodb_table_item.query["length"],
    aws_dynamodb_table_item.query["rows"],
    aws_dynamodb_table_item.query["timeout"],
    aws_dynamodb_table_item.query["group"],
    aws_dynamodb_table_item.query["age"],
    aws_dynamodb_table_item.query["refreshed"],
    aws_dynamodb_table_item.query["size"],
    aws_dynamodb_table_item.query["that_changes"],
    aws_dynamodb_table_item.query["that_makes_a_table"],
    aws_dynamodb_table_item.query["of_two_statements"],
    aws_dynamodb_table_item.query["undeclared"],
    aws_dynamodb_table_item.query["unused"],
    aws_dynamodb_table_item.query["misplaced"],
    aws_dynamodb_table_item.query["claim_with_default"],
    aws_dynamodb_table_item.query["default"],
    aws_dynamodb_table_item.query["default_no_choice"],
    aws_dynamodb_table_item.query["disordered"],
    aws_dynamodb_table_item.query["parameter_upper_case"],
    aws_dynamodb_table_item.query["default_one"],
    aws_dynamodb_table_item.query["default_two"],
    aws_dynamodb_table_item.query["chart"],
    aws_dynamodb_table_item.query["label"],
    aws_dynamodb_table_item.query["label_of_column"],
    aws_dynamodb_table_item.query["label_of_parameter"],
    aws_dynamodb_table_item.query["format"],
    aws_dynamodb_table_item.query["role"],
    aws_dynamodb_table_item.query["decimals_above"],
    aws_dynamodb_table_item.query["decimals_broken"],
    aws_dynamodb_table_item.query["order"],
    aws_dynamodb_table_item.query["latest_alone"],
    aws_dynamodb_table_item.query["values_of_text"],
    aws_dynamodb_table_item.query["values_of_nothing"],
    aws_dynamodb_table_item.query["values_that_need_one"],
    aws_dynamodb_table_item.query["values_for_some"],
    aws_dynamodb_table_item.query["values_for_other_groups"],
  ]
}
