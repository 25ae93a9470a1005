# Questions, runs, waiters, connections, tickets, catalog and data version: keys and attributes as in
# functions/websocket_gateway/storage/keys.py.
resource "aws_dynamodb_table" "this" {
  # checkov:skip=CKV_AWS_119:the key is the caller's decision; without one DynamoDB encrypts with its own
  name                        = "${var.name_prefix}-gateway"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "pk"
  range_key                   = "sk"
  deletion_protection_enabled = var.deletion_protection
  tags                        = var.tags

  attribute {
    name = "pk"
    type = "S"
  }

  attribute {
    name = "sk"
    type = "S"
  }

  attribute {
    name = "pending"
    type = "S"
  }

  attribute {
    name = "since"
    type = "N"
  }

  attribute {
    name = "live"
    type = "S"
  }

  # What the sweep may have to look after.
  global_secondary_index {
    name            = "pending"
    hash_key        = "pending"
    range_key       = "since"
    projection_type = "KEYS_ONLY"
  }

  # Who watches, for the fan-out of a data version.
  global_secondary_index {
    name            = "live"
    hash_key        = "live"
    projection_type = "KEYS_ONLY"
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }

  # Without a key of the caller's, DynamoDB encrypts with a key that it owns.
  server_side_encryption {
    enabled     = var.kms_key_arn != null
    kms_key_arn = var.kms_key_arn
  }
}

# A new query needs no new package: the functions read the catalog from the table.
resource "aws_dynamodb_table_item" "query" {
  for_each = var.queries

  table_name = aws_dynamodb_table.this.name
  hash_key   = aws_dynamodb_table.this.hash_key
  range_key  = aws_dynamodb_table.this.range_key

  item = jsonencode({
    pk         = { S = "CATALOG" }
    sk         = { S = each.key }
    definition = { S = local.definitions[each.key] }
  })

  lifecycle {
    precondition {
      condition     = can(regex("^(?is)\\s*(select|with)\\b[^;]*;?\\s*$", local.bare_sql[each.key])) && !can(regex("(?is)\\binto\\b", local.bare_sql[each.key]))
      error_message = "queries.${each.key}.sql: write one statement that begins with SELECT or WITH and has no INTO."
    }

    precondition {
      condition     = length(local.undeclared[each.key]) == 0
      error_message = "queries.${each.key}: the sql uses ${join(", ", local.undeclared[each.key])}, not under parameters; declare it there."
    }

    precondition {
      condition     = length(local.unused[each.key]) == 0
      error_message = "queries.${each.key}.parameters: the sql does not use ${join(", ", local.unused[each.key])}; leave it out, or write it where its value stands."
    }

    precondition {
      condition     = length(local.misplaced[each.key]) == 0
      error_message = "queries.${each.key}.parameters: ${join(", ", local.misplaced[each.key])} does not go with the type. minimum and maximum go with month, date, integer and number; max_length with text; choices with choice; claim with claim, which takes no default."
    }

    precondition {
      condition     = length(local.malformed[each.key]) == 0
      error_message = "queries.${each.key}.parameters: ${join(", ", local.malformed[each.key])} is no value of the type. Write a month as \"2015-01\", a date as \"2015-01-31\", a number with digits and a point, a text within max_length, one of the choices."
    }

    precondition {
      condition     = length(local.disordered[each.key]) == 0
      error_message = "queries.${each.key}.parameters: ${join(", ", local.disordered[each.key])}; write minimum <= default <= maximum."
    }
  }
}
