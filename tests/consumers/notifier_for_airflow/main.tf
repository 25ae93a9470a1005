# Announces the statements of Airflow's role on a topic that exists already. Nothing of Airflow changes.
terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.83, < 7.0"
    }
  }
}

# What exists: the topic with its subscribers, and the role under which Airflow's workers run.
resource "aws_sns_topic" "data_team" {
  name = "data-team"
}

resource "aws_sns_topic_subscription" "data_team" {
  topic_arn = aws_sns_topic.data_team.arn
  protocol  = "email"
  endpoint  = "data-team@example.com"
}

data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

resource "aws_iam_role" "airflow" {
  name = "airflow"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = data.aws_caller_identity.this.account_id } }]
  })
}

resource "aws_iam_role_policy" "airflow" {
  role = aws_iam_role.airflow.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["redshift-data:ExecuteStatement", "redshift-data:DescribeStatement", "redshift:GetClusterCredentialsWithIAM"]
      Resource = "*"
    }]
  })
}

module "notifier" {
  source = "git::https://example.com/redshift-relay.git//modules/notifier?ref=v0.1.0"

  name_prefix  = "airflow"
  create_topic = false
  topic_arn    = aws_sns_topic.data_team.arn

  # Airflow submits with events: RedshiftDataOperator(with_event=True).
  sources = {
    airflow = {
      principal_prefixes = ["arn:${data.aws_partition.this.partition}:sts::${data.aws_caller_identity.this.account_id}:assumed-role/${aws_iam_role.airflow.name}/"]
    }
  }
}

output "airflow_role_arn" {
  value = aws_iam_role.airflow.arn
}
