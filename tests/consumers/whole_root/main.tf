# The whole system in one apply: the taxi example, its messages, the gateway and the page.
terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.83, < 7.0"
    }
  }
}

resource "aws_s3_bucket" "landing" {
  bucket        = "taxi-landing"
  force_destroy = true
}

resource "aws_s3_object" "trips" {
  bucket  = aws_s3_bucket.landing.bucket
  key     = "trips/2015-01.psv"
  content = "2015-01-05|2015-01-05 08:00:00|2015-01-05 08:10:00|1|1|2.5|9.5|11.0|1|2\n"
}

# The role that COPY reads the files with. On AWS, it must also be attached to the cluster.
resource "aws_iam_role" "copy" {
  name = "taxi-copy"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "redshift.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "copy" {
  role = aws_iam_role.copy.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "s3:GetObject", Resource = "${aws_s3_bucket.landing.arn}/*" },
      { Effect = "Allow", Action = "s3:ListBucket", Resource = aws_s3_bucket.landing.arn },
    ]
  })
}

module "relay" {
  source = "git::https://example.com/redshift-relay.git?ref=v0.1.0"

  name_prefix = "taxi"
  redshift    = { database = "dev", cluster = { identifier = "warehouse" } }

  data = {
    s3_uri    = "s3://${aws_s3_bucket.landing.bucket}/trips/"
    region    = aws_s3_bucket.landing.region
    copy_role = aws_iam_role.copy.arn
  }
  loads = {
    trips = {
      sql       = "CALL execute_elt_process()"
      schedules = { nightly = { expression = "cron(0 3 * * ? *)", timezone = "America/New_York" } }
    }
  }
  subscriptions = {
    team = { protocol = "email", endpoint = "data-team@example.com" }
  }

  gateway = { authorization = { mode = "NONE" } } # everyone who can reach it: use JWT for data that is not public
  console = { title = "City Trips" }
}

output "relay" {
  value = module.relay
}
