output "function_name" {
  description = "Name of the function, e.g. to invoke its actions run, cancel, list and status_check by hand."
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
  value       = local.principal_prefix
}

output "statement_name_prefix" {
  description = "Prefix of the statement names, for `sources` of modules/notifier."
  value       = local.statement_name_prefix
}

output "schedule_group_name" {
  description = "Name of the schedule group."
  value       = aws_scheduler_schedule_group.this.name
}

output "schedule_names" {
  description = "Names of the schedules of loads: <load>-<schedule>."
  value       = tolist([for schedule in aws_scheduler_schedule.this : schedule.name])
}

output "sweep_schedule_name" {
  description = "Schedule of the sweep, which recovers loads, as <group>/<name>."
  value       = "${aws_scheduler_schedule_group.this.name}/${aws_scheduler_schedule.sweep.name}"
}

output "load_names" {
  description = "Names of the loads."
  value       = keys(aws_dynamodb_table_item.load)
}

output "rule_names" {
  description = "Names of the EventBridge rules that invoke the function: completed (ends of statements), and <load>-<event>."
  value       = merge({ completed = aws_cloudwatch_event_rule.completed.name }, { for key, rule in aws_cloudwatch_event_rule.trigger : key => rule.name })
}

output "table_name" {
  description = "Name of the table of definitions and state."
  value       = aws_dynamodb_table.loads.name
}

output "timers_queue_url" {
  description = "URL of the queue of timers."
  value       = aws_sqs_queue.timers.url
}

output "copy_policy_json" {
  description = "Policy that the role of COPY needs for files and manifests, as JSON. null if no load is started by files."
  value       = one(data.aws_iam_policy_document.copy[*].json)
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
