# Files that a plan refuses.
mock_provider "aws" {
  source = "./mocks"
}

variables {
  name_prefix = "taxi"
  redshift    = { database = "dev", cluster = { identifier = "warehouse", user = "loader" } }
  role        = { name = "taxi-statements", arn = "arn:aws:iam::123456789012:role/taxi-statements" }
}

run "accepts_patterns_side_by_side" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    loads = {
      orders   = { sql = "CALL o(:manifest)", expected_every_hours = 24, files = { bucket = "landing", pattern = "orders/*.csv" } }
      archived = { sql = "CALL o(:manifest)", expected_every_hours = 24, files = { bucket = "landing", pattern = "orders/*.csv.gz" } }
      returns  = { sql = "CALL o(:manifest)", expected_every_hours = 24, files = { bucket = "landing", pattern = "returns/*" } }
      one      = { sql = "CALL o(:manifest)", expected_every_hours = 24, files = { bucket = "landing", pattern = "one.csv" } }
      other    = { sql = "CALL o(:manifest)", expected_every_hours = 24, files = { bucket = "other", pattern = "*", manifests = "s3://landing/manifests/" } }
    }
  }
}

run "refuses_sql_without_manifest" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    loads = {
      orders = { sql = "CALL o()", expected_every_hours = 24, files = { bucket = "landing", pattern = "orders/*" } }
    }
  }

  expect_failures = [aws_dynamodb_table_item.load]
}

run "refuses_copy_from_a_parameter" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    loads = {
      orders = { sql = "COPY orders FROM :manifest IAM_ROLE default MANIFEST CSV", expected_every_hours = 24, files = { bucket = "landing", pattern = "orders/*" } }
    }
  }

  expect_failures = [aws_dynamodb_table_item.load]
}

run "refuses_the_address_of_a_bucket" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    loads = {
      orders = { sql = "CALL o(:manifest)", expected_every_hours = 24, files = { bucket = "s3://landing", pattern = "orders/*" } }
    }
  }

  expect_failures = [aws_dynamodb_table_item.load]
}

run "refuses_an_empty_pattern" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    loads = {
      orders = { sql = "CALL o(:manifest)", expected_every_hours = 24, files = { bucket = "landing", pattern = "" } }
    }
  }

  expect_failures = [aws_dynamodb_table_item.load]
}

run "refuses_two_asterisks" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    loads = {
      orders = { sql = "CALL o(:manifest)", expected_every_hours = 24, files = { bucket = "landing", pattern = "orders/**/a.csv" } }
    }
  }

  expect_failures = [aws_dynamodb_table_item.load]
}

run "refuses_a_pattern_that_matches_its_manifests" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    loads = {
      orders = { sql = "CALL o(:manifest)", expected_every_hours = 24, files = { bucket = "landing", pattern = "*" } }
    }
  }

  expect_failures = [aws_dynamodb_table_item.load]
}

run "refuses_a_pattern_that_matches_chosen_manifests" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    loads = {
      orders = { sql = "CALL o(:manifest)", expected_every_hours = 24, files = { bucket = "landing", pattern = "orders/*", manifests = "s3://landing/orders/manifests/" } }
    }
  }

  expect_failures = [aws_dynamodb_table_item.load]
}

run "refuses_a_pattern_that_matches_the_manifests_of_another_load" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    loads = {
      orders  = { sql = "CALL o(:manifest)", expected_every_hours = 24, files = { bucket = "landing", pattern = "orders/*" } }
      returns = { sql = "CALL o(:manifest)", expected_every_hours = 24, files = { bucket = "landing", pattern = "returns/*.csv", manifests = "s3://landing/orders/" } }
    }
  }

  expect_failures = [aws_dynamodb_table_item.load]
}

run "refuses_patterns_that_overlap" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    loads = {
      orders = { sql = "CALL o(:manifest)", expected_every_hours = 24, files = { bucket = "landing", pattern = "orders/*.csv" } }
      all    = { sql = "CALL o(:manifest)", expected_every_hours = 24, files = { bucket = "landing", pattern = "*/2026/*.csv" } }
    }
  }

  expect_failures = [aws_dynamodb_table_item.load]
}

run "refuses_a_key_that_another_pattern_matches" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    loads = {
      orders = { sql = "CALL o(:manifest)", expected_every_hours = 24, files = { bucket = "landing", pattern = "orders/*.csv" } }
      one    = { sql = "CALL o(:manifest)", expected_every_hours = 24, files = { bucket = "landing", pattern = "orders/one.csv" } }
    }
  }

  expect_failures = [aws_dynamodb_table_item.load]
}

run "refuses_a_key_twice" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    loads = {
      orders = { sql = "CALL o(:manifest)", expected_every_hours = 24, files = { bucket = "landing", pattern = "orders.csv" } }
      one    = { sql = "CALL o(:manifest)", expected_every_hours = 24, files = { bucket = "landing", pattern = "orders.csv" } }
    }
  }

  expect_failures = [aws_dynamodb_table_item.load]
}

run "refuses_a_prefix_without_slash" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    loads = {
      orders = { sql = "CALL o(:manifest)", expected_every_hours = 24, files = { bucket = "landing", pattern = "orders/*", manifests = "s3://landing/manifests" } }
    }
  }

  expect_failures = [aws_dynamodb_table_item.load]
}

run "refuses_no_quiet_time" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    loads = {
      orders = { sql = "CALL o(:manifest)", expected_every_hours = 24, files = { bucket = "landing", pattern = "orders/*", quiet_seconds = 0 } }
    }
  }

  expect_failures = [aws_dynamodb_table_item.load]
}

run "refuses_too_many_files" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    loads = {
      orders = { sql = "CALL o(:manifest)", expected_every_hours = 24, files = { bucket = "landing", pattern = "orders/*", max_files = 10001 } }
    }
  }

  expect_failures = [aws_dynamodb_table_item.load]
}

run "refuses_files_that_nobody_expects" {
  command = plan

  module {
    source = "../../modules/scheduler"
  }

  variables {
    loads = {
      orders = { sql = "CALL o(:manifest)", files = { bucket = "landing", pattern = "orders/*" } }
    }
  }

  expect_failures = [aws_dynamodb_table_item.load]
}
