output "function_names" {
  description = "Names of the functions: warehouse_objects, scheduler (actions execute_sql, status_check) and notifier (action notify); with a gateway also socket and deliver."
  value = merge(
    {
      notifier          = module.notifier.function_name
      scheduler         = module.scheduler.function_name
      warehouse_objects = module.warehouse_objects.function_name
    },
    one(module.websocket_gateway[*].function_names),
  )
}

output "log_group_names" {
  description = "Log groups of the functions."
  value = merge(
    {
      notifier          = module.notifier.log_group_name
      scheduler         = module.scheduler.log_group_name
      warehouse_objects = module.warehouse_objects.log_group_name
    },
    one(module.websocket_gateway[*].log_group_names),
  )
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
  value = merge(
    {
      notifier  = module.notifier.failure_queue_url
      scheduler = module.scheduler.failure_queue_url
    },
    { for gateway in module.websocket_gateway : "deliver" => gateway.failure_queue_url },
  )
}

output "applied_objects" {
  description = "Names of the SQL files that ran when something last changed."
  value       = module.warehouse_objects.applied
}

output "drop_sql" {
  description = "SQL that would drop the objects in the warehouse, one statement a line. Nothing runs it: destroy leaves them."
  value       = module.warehouse_objects.drop_sql
}

output "websocket_url" {
  description = "Where clients of the gateway connect: wss://...; null without a gateway."
  value       = one(module.websocket_gateway[*].websocket_url)
}

output "ticket_url" {
  description = "Where a page gets a ticket for its token; null unless the gateway's mode is JWT."
  value       = one(module.websocket_gateway[*].ticket_url)
}

output "gateway" {
  description = "All that modules/websocket_gateway tells; null without a gateway."
  value       = one(module.websocket_gateway[*])
}

output "console_url" {
  description = "Address of the page: https://...; null without a console."
  value       = one(module.web_console[*].url)
}

output "console" {
  description = "All that modules/web_console tells; null without a console."
  value       = one(module.web_console[*])
}

output "version" {
  description = "Version of the packages."
  value       = module.scheduler.version
}
