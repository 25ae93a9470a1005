# Definitions and state of loads. functions/scheduler defines keys and attributes in state/keys.py.
resource "aws_dynamodb_table" "loads" {
  # checkov:skip=CKV_AWS_119:the caller decides on the key; without one DynamoDB encrypts with its own
  name         = "${var.name_prefix}-loads"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "pk"
  range_key    = "sk"
  tags         = var.tags

  attribute {
    name = "pk"
    type = "S"
  }

  attribute {
    name = "sk"
    type = "S"
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

locals {
  definitions = { for name, load in var.loads : name => jsonencode({
    sql             = load.sql
    statements      = load.statements
    uses            = local.used_parameters[name]
    parameters      = load.parameters
    events          = { for trigger, event in load.events : trigger => event.parameters }
    after           = load.after
    files           = lookup(local.files, name, null)
    lane            = load.lane
    overlap         = load.overlap
    timeout_minutes = load.timeout_minutes
    retries         = load.retries

    warn_after_minutes   = load.warn_after_minutes
    expected_every_hours = load.expected_every_hours
  }) }
}

# Schedules and rules hand over names only; the function reads the rest here.
resource "aws_dynamodb_table_item" "load" {
  for_each = var.loads

  table_name = aws_dynamodb_table.loads.name
  hash_key   = aws_dynamodb_table.loads.hash_key
  range_key  = aws_dynamodb_table.loads.range_key

  item = jsonencode({
    pk         = { S = "DEFINITION" }
    sk         = { S = each.key }
    definition = { S = local.definitions[each.key] }
  })

  lifecycle {
    precondition {
      condition     = length(local.load_mistakes[each.key]) == 0
      error_message = join("\n", local.load_mistakes[each.key])
    }
  }
}
