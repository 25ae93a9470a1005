# Files that start loads: S3 -> EventBridge -> queue -> function. The owner of a bucket switches its events on; this module
# never manages the notifications of a bucket.
locals {
  file_loads = { for name, load in var.loads : name => load.files if load.files != null }

  # What the function reads: with the prefix of the manifests.
  files = { for name, files in local.file_loads : name => merge(files, {
    manifests = files.manifests != null ? files.manifests : "s3://${files.bucket}/redshift-relay/${var.name_prefix}/manifests/"
  }) }

  manifest_places = { for name, files in local.files : name => {
    bucket = try(regex("^s3://([^/]+)/", files.manifests)[0], "")
    prefix = try(regex("^s3://[^/]+/(.*)$", files.manifests)[0], "")
  } }

  # Patterns whose keys must not start a load: those of the loads before it, and those of all manifests.
  foreign_patterns = { for name in keys(local.file_loads) : name => merge(
    { for other, files in local.file_loads : "the pattern of load ${other}" => { bucket = files.bucket, pattern = files.pattern }
    if index(keys(local.file_loads), other) < index(keys(local.file_loads), name) },
    { for other, place in local.manifest_places : "the manifests of load ${other}" => { bucket = place.bucket, pattern = "${place.prefix}${other}/*.json" } },
  ) }

  # Two patterns with `*` share a key exactly if one beginning starts with the other and one end ends with the other: whatever
  # is between them fits into a `*`. A pattern without `*` is one key, which the other has to match.
  shared_keys = { for name, patterns in local.foreign_patterns : name => [for what, other in patterns : what if other.bucket == local.file_loads[name].bucket && anytrue([
    for pair in [[split("*", local.file_loads[name].pattern), split("*", other.pattern)]] :
    length(pair[0]) == 1 || length(pair[1]) == 1 ? anytrue([for both in [pair, reverse(pair)] :
      length(both[1]) == 1 && can(regex("^${join(".*", [for part in both[0] : replace(part, "/[^A-Za-z0-9]/", "\\$0")])}$", both[1][0]))
    ]) :
    (startswith(pair[0][0], pair[1][0]) || startswith(pair[1][0], pair[0][0])) &&
    (endswith(reverse(pair[0])[0], reverse(pair[1])[0]) || endswith(reverse(pair[1])[0], reverse(pair[0])[0]))
  ])] }

  file_mistakes = { for name, load in var.loads : name => load.files == null ? [] : flatten([
    contains(local.used_parameters[name], "manifest") ? [] :
    ["files: the SQL does not contain :manifest, which names the files to load. Use e.g. sql = \"CALL load_${name}(:manifest)\"."],

    can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", load.files.bucket)) ? [] :
    ["files.bucket: ${jsonencode(load.files.bucket)} is not the name of a bucket. Use the name alone, e.g. \"landing\"."],

    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html, https://github.com/aws/event-ruler#wildcard-matching
    length(load.files.pattern) >= 1 && length(load.files.pattern) <= 1024 ? [] :
    ["files.pattern: has ${length(load.files.pattern)} characters. Use 1 to 1024, e.g. \"${name}/*.csv\"."],

    strcontains(load.files.pattern, "**") || strcontains(load.files.pattern, "\\") ?
    ["files.pattern: ${jsonencode(load.files.pattern)} contains ** or a backslash. Use single asterisks, which match any text, slashes included, e.g. \"${name}/*.csv\"."] : [],

    load.files.quiet_seconds >= 1 && load.files.quiet_seconds <= 86400 && floor(load.files.quiet_seconds) == load.files.quiet_seconds ? [] :
    ["files.quiet_seconds: ${load.files.quiet_seconds} is out of range. Use a whole number from 1 to 86400."],

    load.files.max_files >= 1 && load.files.max_files <= 10000 && floor(load.files.max_files) == load.files.max_files ? [] :
    ["files.max_files: ${load.files.max_files} is out of range. Use a whole number from 1 to 10000."],

    can(regex("^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/([^*]{0,900}/)?$", local.files[name].manifests)) ? [] :
    ["files.manifests: ${jsonencode(local.files[name].manifests)} is not a prefix in S3. Use e.g. \"s3://${load.files.bucket}/manifests/\", with a slash at the end."],

    [for what in local.shared_keys[name] : startswith(what, "the manifests") ?
      "files.pattern: ${jsonencode(load.files.pattern)} also matches ${what}, ${jsonencode(local.files[regex("[a-z0-9_]+$", what)].manifests)}, so that each manifest would start a load. Narrow the pattern, or set files.manifests to a prefix that it does not match." :
      "files.pattern: ${jsonencode(load.files.pattern)} and ${what}, ${jsonencode(local.file_loads[regex("[a-z0-9_]+$", what)].pattern)}, match the same keys in bucket ${load.files.bucket}, so that files would be loaded twice. Narrow one of them."
    ],

    load.expected_every_hours != null ? [] :
    ["expected_every_hours: is required with files: a bucket whose events are switched off starts nothing, and nobody would hear of it. Use e.g. 24."],
  ]) }
}

# Wildcards: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
resource "aws_cloudwatch_event_rule" "files" {
  for_each = local.file_loads

  name        = "${var.name_prefix}-files.${each.key}" # `<name_prefix>-<load>-<event>` has no dot
  description = "Files that start load ${each.key}"
  tags        = var.tags

  event_pattern = jsonencode({
    source      = ["aws.s3"]
    detail-type = ["Object Created"]
    detail = {
      bucket = { name = [each.value.bucket] }
      object = { key = [{ wildcard = each.value.pattern }] }
    }
  })

  depends_on = [aws_dynamodb_table_item.load]
}

resource "aws_cloudwatch_event_target" "files" {
  for_each = local.file_loads

  rule      = aws_cloudwatch_event_rule.files[each.key].name
  target_id = "files"
  arn       = aws_sqs_queue.files[0].arn

  input_transformer {
    input_template = "{\"action\":\"file\",\"load\":\"${each.key}\",\"event\":${local.whole_event}}"
  }

  retry_policy {
    maximum_retry_attempts       = 185
    maximum_event_age_in_seconds = 86400
  }

  dead_letter_config {
    arn = aws_sqs_queue.file_failures[0].arn
  }

  depends_on = [terraform_data.wait_for, aws_sqs_queue_policy.files, aws_sqs_queue_policy.file_failures]
}

resource "aws_sqs_queue" "files" {
  count = length(local.file_loads) > 0 ? 1 : 0

  name                       = "${var.name_prefix}-scheduler-files"
  visibility_timeout_seconds = 360 # six times the timeout of the function: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
  message_retention_seconds  = 1209600
  kms_master_key_id          = var.kms_key_arn
  sqs_managed_sse_enabled    = var.kms_key_arn == null ? true : null
  tags                       = var.tags

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.file_failures[0].arn
    maxReceiveCount     = 10
  })
}

resource "aws_sqs_queue" "file_failures" {
  count = length(local.file_loads) > 0 ? 1 : 0

  name                      = "${var.name_prefix}-scheduler-file-failures"
  message_retention_seconds = 1209600
  kms_master_key_id         = var.kms_key_arn
  sqs_managed_sse_enabled   = var.kms_key_arn == null ? true : null
  tags                      = var.tags
}

data "aws_iam_policy_document" "file_queues" {
  for_each = length(local.file_loads) == 0 ? {} : { files = aws_sqs_queue.files[0].arn, failures = aws_sqs_queue.file_failures[0].arn }

  statement {
    sid       = "FilesThatLand"
    actions   = ["sqs:SendMessage"]
    resources = [each.value]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [for rule in aws_cloudwatch_event_rule.files : rule.arn]
    }
  }
}

resource "aws_sqs_queue_policy" "files" {
  count = length(local.file_loads) > 0 ? 1 : 0

  queue_url = aws_sqs_queue.files[0].url
  policy    = data.aws_iam_policy_document.file_queues["files"].json
}

resource "aws_sqs_queue_policy" "file_failures" {
  count = length(local.file_loads) > 0 ? 1 : 0

  queue_url = aws_sqs_queue.file_failures[0].url
  policy    = data.aws_iam_policy_document.file_queues["failures"].json
}

# More than ten messages at once need a window of at least a second:
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
resource "aws_lambda_event_source_mapping" "files" {
  count = length(local.file_loads) > 0 ? 1 : 0

  event_source_arn                   = aws_sqs_queue.files[0].arn
  function_name                      = module.function.function_name
  batch_size                         = 100
  maximum_batching_window_in_seconds = 1
  function_response_types            = ["ReportBatchItemFailures"]
  tags                               = var.tags

  # Larger batches cost fewer writes, and other work of the function finds room.
  scaling_config {
    maximum_concurrency = 5
  }
}

resource "aws_cloudwatch_metric_alarm" "file_failures" {
  count = length(local.file_loads) > 0 ? 1 : 0

  alarm_name          = "${var.name_prefix}-scheduler-file-failures"
  alarm_description   = "Queue ${aws_sqs_queue.file_failures[0].name} holds files that could not be noted and will not be loaded. Read the function's log for the cause, then start the queue's DLQ redrive. What to do: modules/lambda_function/README.md#when-something-is-wrong, file_failures."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.file_failures[0].name }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = var.tags
}

# What the function needs for files, in addition to the table and the timers.
data "aws_iam_policy_document" "files" {
  statement {
    sid       = "FilesQueue"
    actions   = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
    resources = aws_sqs_queue.files[*].arn
  }

  statement {
    sid       = "FilesReads"
    actions   = ["dynamodb:BatchGetItem"]
    resources = [aws_dynamodb_table.loads.arn]
  }

  statement {
    sid       = "FilesWrites"
    actions   = ["dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
    resources = [aws_dynamodb_table.loads.arn]

    condition {
      test     = "ForAllValues:StringLike"
      variable = "dynamodb:LeadingKeys"
      values   = ["FILE#*", "FILES#*"]
    }
  }

  # For `run` with files: what was in a bucket before.
  statement {
    sid       = "Listing"
    actions   = ["s3:ListBucket"]
    resources = distinct([for files in local.file_loads : "arn:${data.aws_partition.this.partition}:s3:::${files.bucket}"])
  }

  statement {
    sid       = "Manifests"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = distinct([for name, place in local.manifest_places : "arn:${data.aws_partition.this.partition}:s3:::${place.bucket}/${place.prefix}*"])
  }
}

# What the role that COPY uses needs: https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-access-permissions.html
data "aws_iam_policy_document" "copy" {
  count = length(local.file_loads) > 0 ? 1 : 0

  statement {
    sid     = "Files"
    actions = ["s3:GetObject"]
    resources = distinct(concat(
      [for files in local.file_loads : "arn:${data.aws_partition.this.partition}:s3:::${files.bucket}/${files.pattern}"],
      [for name, place in local.manifest_places : "arn:${data.aws_partition.this.partition}:s3:::${place.bucket}/${place.prefix}*"],
    ))
  }

  statement {
    sid     = "Buckets"
    actions = ["s3:ListBucket"]
    resources = distinct(concat(
      [for files in local.file_loads : "arn:${data.aws_partition.this.partition}:s3:::${files.bucket}"],
      [for place in local.manifest_places : "arn:${data.aws_partition.this.partition}:s3:::${place.bucket}"],
    ))
  }
}
