# Files that start loads: rules, queues, what the function reads.
mock_provider "aws" {
  source = "./mocks"
}

variables {
  name_prefix = "taxi"
  redshift    = { database = "dev", cluster = { identifier = "warehouse", user = "loader" } }
  role        = { name = "taxi-statements", arn = "arn:aws:iam::123456789012:role/taxi-statements" }

  loads = {
    trips = { sql = "CALL trips()" }
    orders = {
      sql                  = "CALL load_orders(:manifest)"
      files                = { bucket = "landing", pattern = "orders/*.csv" }
      expected_every_hours = 24
    }
    returns = {
      sql                  = "CALL load_returns(:manifest)"
      files                = { bucket = "landing", pattern = "returns/day-*.json", quiet_seconds = 5, max_files = 10, manifests = "s3://manifests/taxi/" }
      expected_every_hours = 24
    }
  }
}

run "wires_files" {
  command = apply

  module {
    source = "../../modules/scheduler"
  }

  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.files["orders"].event_pattern) == {
      source      = ["aws.s3"]
      detail-type = ["Object Created"]
      detail      = { bucket = { name = ["landing"] }, object = { key = [{ wildcard = "orders/*.csv" }] } }
    }
    error_message = "The rule must match created objects of the bucket whose keys match the pattern."
  }

  assert {
    condition     = keys(aws_cloudwatch_event_rule.files) == ["orders", "returns"] && aws_cloudwatch_event_rule.files["orders"].name == "taxi-files.orders"
    error_message = "Each load with files has a rule, and no other load."
  }

  assert {
    condition     = aws_cloudwatch_event_target.files["orders"].input_transformer[0].input_template == "{\"action\":\"file\",\"load\":\"orders\",\"event\":<aws.events.event.json>}"
    error_message = "The message must name the load and contain the whole event, not escaped."
  }

  assert {
    condition     = aws_cloudwatch_event_target.files["orders"].arn == aws_sqs_queue.files[0].arn && aws_cloudwatch_event_target.files["orders"].dead_letter_config[0].arn == aws_sqs_queue.file_failures[0].arn
    error_message = "Events go to the queue of files, undelivered ones to that of failures."
  }

  assert {
    condition = (
      aws_lambda_event_source_mapping.files[0].function_response_types == toset(["ReportBatchItemFailures"]) &&
      aws_lambda_event_source_mapping.files[0].batch_size == 100 &&
      aws_lambda_event_source_mapping.files[0].maximum_batching_window_in_seconds == 1
    )
    error_message = "Batches have up to 100 messages, and only failed ones come again."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.files[0].redrive_policy).deadLetterTargetArn == aws_sqs_queue.file_failures[0].arn && aws_sqs_queue.files[0].visibility_timeout_seconds >= 360
    error_message = "Messages that fail end in the queue of failures."
  }

  assert {
    condition = {
      for name in ["trips", "orders", "returns"] : name => jsondecode(jsondecode(aws_dynamodb_table_item.load[name].item).definition.S).files
      } == {
      trips   = null
      orders  = { bucket = "landing", pattern = "orders/*.csv", quiet_seconds = 60, max_files = 1000, manifests = "s3://landing/redshift-relay/taxi/manifests/" }
      returns = { bucket = "landing", pattern = "returns/day-*.json", quiet_seconds = 5, max_files = 10, manifests = "s3://manifests/taxi/" }
    }
    error_message = "Definitions say where manifests are."
  }
}

run "makes_nothing_without_files" {
  command = apply

  module {
    source = "../../modules/scheduler"
  }

  variables {
    loads = { trips = { sql = "CALL trips()" } }
  }

  assert {
    condition     = length(aws_sqs_queue.files) == 0 && length(aws_cloudwatch_event_rule.files) == 0 && length(aws_lambda_event_source_mapping.files) == 0 && output.copy_policy_json == null
    error_message = "Without files there is nothing to make."
  }
}
