# Everything encrypted with a key of your own, which the same apply creates. README.md lists what its policy must allow.
terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.83, < 7.0"
    }
  }
}

data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

data "aws_region" "this" {}

data "aws_iam_policy_document" "key" {
  statement {
    sid       = "Account"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.this.partition}:iam::${data.aws_caller_identity.this.account_id}:root"]
    }
  }

  statement {
    sid       = "Logs"
    actions   = ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["logs.${data.aws_region.this.id}.amazonaws.com"]
    }
  }

  statement {
    sid       = "EventsAndAlarms"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com", "cloudwatch.amazonaws.com"]
    }
  }

  statement {
    sid       = "Schedules"
    actions   = ["kms:DescribeKey"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }
  }
}

resource "aws_kms_key" "this" {
  description         = "Redshift Relay"
  enable_key_rotation = true
  policy              = data.aws_iam_policy_document.key.json
}

module "relay" {
  source = "git::https://example.com/redshift-relay.git?ref=v0.1.0"

  name_prefix = "sealed"
  redshift    = { database = "dev", cluster = { identifier = "warehouse" } }
  data        = { s3_uri = "s3://taxi-landing/trips/", region = "us-east-1" }
  kms_key_arn = aws_kms_key.this.arn

  subscriptions = {
    team = { protocol = "email", endpoint = "sealed@example.com" }
  }
  gateway = { authorization = { mode = "NONE" }, allowed_origins = [] } # no browsers, programs only
}

output "relay" {
  value = module.relay
}

output "key_arn" {
  value = aws_kms_key.this.arn
}
