output "function_names" {
  description = "Names of the functions: warehouse_objects, scheduler (actions execute_sql, status_check) and notifier (action notify)."
  value = {
    notifier          = module.notifier.function_name
    scheduler         = module.scheduler.function_name
    warehouse_objects = module.warehouse_objects.function_name
  }
}

output "log_group_names" {
  description = "Log groups of the functions."
  value = {
    notifier          = module.notifier.log_group_name
    scheduler         = module.scheduler.log_group_name
    warehouse_objects = module.warehouse_objects.log_group_name
  }
}

output "statement_role" {
  description = "Name and ARN of the role that submits and reads the statements."
  value       = module.statement_role.role
}

output "database_user" {
  description = "Database user that owns the objects and runs the loads; null with a secret, which names its own."
  value       = module.statement_role.database_user
}

output "topic_arn" {
  description = "ARN of the topic that tells how loads ended."
  value       = module.notifier.topic_arn
}

output "schedule_group_name" {
  description = "Group of the schedules."
  value       = module.scheduler.schedule_group_name
}

output "schedule_names" {
  description = "Names of the schedules in the group."
  value       = module.scheduler.schedule_names
}

output "sweep_schedule_name" {
  description = "The sweep's schedule as <group>/<name>; null without a sweep."
  value       = module.notifier.sweep_schedule_name
}

output "rule_names" {
  description = "Names of the rules that lead events to the notifier."
  value       = module.notifier.rule_names
}

output "announcements_table_name" {
  description = "Table of what was announced."
  value       = module.notifier.announcements_table_name
}

output "failure_queue_urls" {
  description = "URLs of the queues of what was given up."
  value = {
    notifier  = module.notifier.failure_queue_url
    scheduler = module.scheduler.failure_queue_url
  }
}

output "applied_objects" {
  description = "Names of the SQL files that ran when something last changed."
  value       = module.warehouse_objects.applied
}

output "drop_sql" {
  description = "SQL that would drop the objects in the warehouse, one statement a line. Nothing runs it: destroy leaves them."
  value       = module.warehouse_objects.drop_sql
}

output "version" {
  description = "Version of the packages."
  value       = module.scheduler.version
}
