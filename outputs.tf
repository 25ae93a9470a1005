output "function_names" {
  description = "Names of the functions: warehouse_objects, scheduler (actions run, backfill, redrive, cancel, pause, resume, list, execute_sql, status_check), notifier (action notify) and, with a gateway, socket and deliver."
  value = merge(
    {
      notifier          = module.notifier.function_name
      scheduler         = module.scheduler.function_name
      warehouse_objects = module.warehouse_objects.function_name
    },
    one(module.websocket_gateway[*].function_names),
  )
}

output "copy_policy_json" {
  description = "Policy that the role of COPY needs for the files and manifests of `loads`, as JSON. null if no load is started by files."
  value       = module.scheduler.copy_policy_json
}

output "log_group_names" {
  description = "Names of the functions' log groups, by the keys of `function_names`."
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
  description = "Name and ARN of the role that submits and reads the pipeline's statements."
  value       = module.statement_role.role
}

output "database_user" {
  description = "Database user that owns the objects and runs the loads. null with a secret, which names its own user."
  value       = module.statement_role.database_user
}

output "topic_arn" {
  description = "ARN of the SNS topic that receives the results of loads."
  value       = module.notifier.topic_arn
}

output "schedule_group_name" {
  description = "Name of the schedule group."
  value       = module.scheduler.schedule_group_name
}

output "schedule_names" {
  description = "Names of the schedules of loads: <load>-<schedule>."
  value       = module.scheduler.schedule_names
}

output "sweep_schedule_name" {
  description = "Schedule of the sweep, which recovers loads, as <group>/<name>."
  value       = module.scheduler.sweep_schedule_name
}

output "load_names" {
  description = "Names of the loads."
  value       = module.scheduler.load_names
}

output "loads_table_name" {
  description = "Name of the table of definitions and state of loads."
  value       = module.scheduler.table_name
}

output "load_rule_names" {
  description = "Names of the EventBridge rules that invoke the scheduler: completed (ends of statements), and <load>-<event>."
  value       = module.scheduler.rule_names
}

output "chat_topic_arn" {
  description = "ARN of the SNS topic for Slack and Microsoft Teams; null without `create_chat_topic`."
  value       = module.notifier.chat_topic_arn
}

output "rule_names" {
  description = "Names of the EventBridge rules that invoke the notifier."
  value       = module.notifier.rule_names
}

output "announcements_table_name" {
  description = "Name of the table of announced statements."
  value       = module.notifier.announcements_table_name
}

output "failure_queue_urls" {
  description = "URLs of the queues that receive events whose retries are exhausted: notifier, scheduler and, with a gateway, deliver."
  value = merge(
    {
      notifier  = module.notifier.failure_queue_url
      scheduler = module.scheduler.failure_queue_url
    },
    { for gateway in module.websocket_gateway : "deliver" => gateway.failure_queue_url },
  )
}

output "applied_objects" {
  description = "Names of the SQL files that ran in the last apply that changed something."
  value       = module.warehouse_objects.applied
}

output "grants_sql" {
  description = <<-EOT
    SQL for a database administrator, one statement per line. `pipeline`: run it before the first apply where PUBLIC must not create objects.
    `gateway`: run it after the first apply, unless the objects grant the gateway's user what its queries read; null without a gateway. Skip
    CREATE USER if the user exists. With a secret, replace `<user of the secret>`. Nothing runs it.
  EOT
  value = {
    pipeline = module.warehouse_objects.grants_sql
    # By index: a splat would wait for the check of the queries, which fails where these grants are missing.
    gateway = var.gateway == null ? null : module.websocket_gateway[0].grants_sql
  }
}

output "removed_files" {
  description = "Names of SQL files that ran and are no longer in `objects_directory`. `drop_sql` does not know what they created."
  value       = module.warehouse_objects.removed_files
}

output "drop_sql" {
  description = "SQL that drops the objects in the warehouse, one statement per line. Nothing runs it: destroy keeps the objects. Objects of `removed_files` are not part of it."
  value       = module.warehouse_objects.drop_sql
}

output "query_names" {
  description = "Names of the queries that clients of the gateway may run; empty without a gateway."
  value       = keys(local.queries)

  # Fails with the position in the file, which only yamldecode knows.
  precondition {
    condition     = local.query_invalid_yaml_file == null ? true : yamldecode(file(local.query_invalid_yaml_file)) == null
    error_message = "${jsonencode(local.query_invalid_yaml_file)} is not valid YAML. Correct it."
  }

  precondition {
    condition     = length(local.query_file_mistakes) == 0
    error_message = join("\n", local.query_file_mistakes)
  }
}

output "websocket_url" {
  description = "URL to which clients of the gateway connect: wss://...; null without a gateway."
  value       = one(module.websocket_gateway[*].websocket_url)
}

output "ticket_url" {
  description = "URL at which a page exchanges its token for a ticket; null unless the gateway's mode is JWT."
  value       = one(module.websocket_gateway[*].ticket_url)
}

output "gateway" {
  description = "All outputs of modules/websocket_gateway; null without a gateway."
  value       = one(module.websocket_gateway[*])
}

output "console_url" {
  description = "URL of the page: https://...; null without a console."
  value       = one(module.web_console[*].url)
}

output "console" {
  description = "All outputs of modules/web_console; null without a console."
  value       = one(module.web_console[*])
}

output "dashboard_name" {
  description = "Name of the CloudWatch dashboard; null without one."
  value       = one(aws_cloudwatch_dashboard.this[*].dashboard_name)
}

output "version" {
  description = "Version of the packages."
  value       = module.scheduler.version
}
