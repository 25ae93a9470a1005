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
    condition     = output.schedule_names == tolist(["trips-nightly"]) && output.load_names == ["trips"] && output.schedule_group_name == "taxi-scheduler" && output.sweep_schedule_name == "taxi-scheduler/sweep" && output.rule_names == tomap({ load_events = "taxi-load-events" }) && output.chat_topic_arn == null
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

run "own_objects_need_no_data" {
  command = plan

  module {
    source = "../.."
  }

  variables {
    history_table      = "ours.history"
    data               = null
    objects_directory  = "fixtures/objects/good"
    template_variables = { schema = "trips", crlf = "\r\n" }
  }

  assert {
    condition     = module.warehouse_objects.files[0] == "V1__schema.sql" && module.warehouse_objects.history_table == "ours.history"
    error_message = "the own objects are not applied"
  }
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
