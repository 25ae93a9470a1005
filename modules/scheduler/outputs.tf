output "function_name" {
  description = "Name of the function, to invoke execute_sql and status_check by hand."
  value       = module.function.function_name
}

output "function_arn" {
  description = "ARN of the function."
  value       = module.function.function_arn
}

output "role" {
  description = "Name and ARN of the role that submits the statements."
  value       = local.role
}

output "database_user" {
  description = "Database user the statements run as; null when the role was given (its module tells) or a secret names the user."
  value       = one(module.statement_role[*].database_user)
}

output "principal_prefix" {
  description = "Start of the principal in the completion events, for the notifier's sources."
  value       = "arn:${data.aws_partition.this.partition}:sts::${data.aws_caller_identity.this.account_id}:assumed-role/${local.role.name}/"
}

output "statement_name_prefix" {
  description = "Start of the statements' names, for the notifier's sources."
  value       = "${var.name_prefix}/load/"
}

output "schedule_group_name" {
  description = "Group of the schedules."
  value       = aws_scheduler_schedule_group.this.name
}

output "schedule_names" {
  description = "Names of the schedules in the group."
  value       = tolist([for schedule in aws_scheduler_schedule.this : schedule.name])
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
