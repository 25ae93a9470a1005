output "function_name" {
  description = "Name of the function, e.g. to invoke its action notify by hand."
  value       = module.function.function_name
}

output "function_arn" {
  description = "ARN of the function."
  value       = module.function.function_arn
}

output "role" {
  description = "Name and ARN of the function's role."
  value       = module.function.role
}

output "topic_arn" {
  description = "ARN of the SNS topic."
  value       = local.topic_arn
}

output "rule_names" {
  description = "Names of the EventBridge rules: key of `sources` => name, and load_events with `load_prefixes`."
  value       = tomap(local.rule_names)
}

output "announcements_table_name" {
  description = "Name of the table of announced loads and statements."
  value       = aws_dynamodb_table.announcements.name
}

output "announcements_table_arn" {
  description = "ARN of the table of announced loads and statements."
  value       = aws_dynamodb_table.announcements.arn
}

output "chat_topic_arn" {
  description = "ARN of the SNS topic for Slack and Microsoft Teams; null without `create_chat_topic`."
  value       = one(aws_sns_topic.chat[*].arn)
}

output "log_group_name" {
  description = "Name of the function's log group."
  value       = module.function.log_group_name
}

output "failure_queue_url" {
  description = "URL of the queue that receives events whose retries are exhausted."
  value       = module.function.failure_queue_url
}

output "failure_queue_arn" {
  description = "ARN of the queue that receives events whose retries are exhausted."
  value       = module.function.failure_queue_arn
}

output "version" {
  description = "Version of the package."
  value       = module.function.version
}

output "target_ids" {
  description = "IDs of the rules' targets. They are known once events reach the function."
  value       = [for target in aws_cloudwatch_event_target.this : target.id]
}
