# Files that land in S3 are merged into a table: each once, corrections included, and files that cannot load are set aside.
terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.83, < 7.0"
    }
  }
}

variable "quiet_seconds" {
  description = "Files are loaded when none has landed for this long."
  type        = number
  default     = 60
}

resource "aws_s3_bucket" "landing" {
  bucket = "shop-landing"
}

# The owner of the bucket sends its events to EventBridge.
resource "aws_s3_bucket_notification" "landing" {
  bucket      = aws_s3_bucket.landing.bucket
  eventbridge = true
}

# The role that COPY uses. Attach it to the cluster, too.
resource "aws_iam_role" "copy" {
  name = "shop-copy"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "redshift.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "copy" {
  name   = "files"
  role   = aws_iam_role.copy.name
  policy = module.relay.copy_policy_json
}

module "relay" {
  source = "git::https://example.com/redshift-relay.git?ref=v0.1.0"

  name_prefix        = "shop"
  redshift           = { database = "dev", cluster = { identifier = "warehouse" } }
  objects_directory  = "${path.root}/objects"
  template_variables = { copy_role = aws_iam_role.copy.arn }
  subscriptions      = { team = { protocol = "email", endpoint = "data-team@example.com" } }

  loads = {
    orders = {
      sql                  = "CALL public.load_orders(:manifest)"
      files                = { bucket = aws_s3_bucket.landing.bucket, pattern = "orders/*.csv", quiet_seconds = var.quiet_seconds }
      expected_every_hours = 24
    }
  }
}

output "relay" {
  value = module.relay
}
