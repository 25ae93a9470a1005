output "function_name" {
  description = "Name of the function, to invoke notify by hand."
  value       = module.function.function_name
}

output "function_arn" {
  description = "ARN of the function."
  value       = module.function.function_arn
}

output "role" {
  description = "Name and ARN of the role of the function."
  value       = module.function.role
}

output "topic_arn" {
  description = "ARN of the topic, made here or given."
  value       = local.topic_arn
}

output "rule_names" {
  description = "Names of the EventBridge rules: key of sources => name, and load_not_started when that is told."
  value       = tomap(local.rule_names)
}

output "announcements_table_name" {
  description = "Table of what was announced."
  value       = aws_dynamodb_table.announcements.name
}

output "announcements_table_arn" {
  description = "ARN of the table of what was announced."
  value       = aws_dynamodb_table.announcements.arn
}

output "sweep_schedule_name" {
  description = "The sweep's schedule as <group>/<name>; null without a sweep."
  value       = one([for schedule in aws_scheduler_schedule.sweep : "${schedule.group_name}/${schedule.name}"])
}

output "log_group_name" {
  description = "Log group of the function."
  value       = module.function.log_group_name
}

output "failure_queue_url" {
  description = "URL of the queue of what was given up."
  value       = module.function.failure_queue_url
}

output "failure_queue_arn" {
  description = "ARN of the queue of what was given up."
  value       = module.function.failure_queue_arn
}

output "version" {
  description = "Version of the package."
  value       = module.function.version
}

output "target_ids" {
  description = "Ids of the rules' targets: known once events reach the function."
  value       = [for target in aws_cloudwatch_event_target.this : target.id]
}
