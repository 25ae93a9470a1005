output "function_name" {
  description = "Name of the function, e.g. to invoke its actions execute_sql and status_check by hand."
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
  description = "Database user that runs the statements. null with a secret, which names its own user, and when `role` is set: see the output of modules/statement_role."
  value       = one(module.statement_role[*].database_user)
}

output "principal_prefix" {
  description = "Prefix of `principal` in the completion events, for `sources` of modules/notifier."
  value       = "arn:${data.aws_partition.this.partition}:sts::${data.aws_caller_identity.this.account_id}:assumed-role/${local.role.name}/"
}

output "statement_name_prefix" {
  description = "Prefix of the statement names, for `sources` of modules/notifier."
  value       = "${var.name_prefix}/load/"
}

output "schedule_group_name" {
  description = "Name of the schedule group."
  value       = aws_scheduler_schedule_group.this.name
}

output "schedule_names" {
  description = "Names of the schedules."
  value       = tolist([for schedule in aws_scheduler_schedule.this : schedule.name])
}

output "log_group_name" {
  description = "Name of the function's log group."
  value       = module.function.log_group_name
}

output "failure_queue_url" {
  description = "URL of the queue that receives invocations whose retries are exhausted."
  value       = module.function.failure_queue_url
}

output "failure_queue_arn" {
  description = "ARN of the queue that receives invocations whose retries are exhausted."
  value       = module.function.failure_queue_arn
}

output "version" {
  description = "Version of the package."
  value       = module.function.version
}
