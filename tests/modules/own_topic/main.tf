# Alarms go to the topic that the root module makes: no circle, with a key that CloudWatch may use.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

module "relay" {
  source = "../../.."

  name_prefix   = "taxi"
  redshift      = { database = "dev", cluster = { identifier = "warehouse", user = "loader" } }
  data          = { s3_uri = "s3://trips/yellow/", region = "us-east-1" }
  kms_key_arn   = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  alarm_actions = [module.relay.topic_arn]
}

output "topic_arn" {
  description = "The topic that hears of loads and of alarms."
  value       = module.relay.topic_arn
}
