# Questions, runs, waiters, connections, tickets, catalog and data version. functions/websocket_gateway defines keys and
# attributes in storage/keys.py.
resource "aws_dynamodb_table" "this" {
  # checkov:skip=CKV_AWS_119:the caller decides on the key; without one DynamoDB encrypts with its own
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

  # What the sweep may have to retry.
  global_secondary_index {
    name            = "pending"
    hash_key        = "pending"
    range_key       = "since"
    projection_type = "KEYS_ONLY"
  }

  # Live waiters, for the fan-out of a data version.
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

  # Without kms_key_arn, DynamoDB encrypts with an AWS owned key.
  server_side_encryption {
    enabled     = var.kms_key_arn != null
    kms_key_arn = var.kms_key_arn
  }
}

# The functions read the catalog from the table, so a new query needs no new package.
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
      condition     = length(local.query_mistakes[each.key]) == 0
      error_message = join("\n", local.query_mistakes[each.key])
    }
  }
}
