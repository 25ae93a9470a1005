output "websocket_url" {
  description = "URL to which clients connect: wss://..."
  value       = local.websocket_url
}

output "ticket_url" {
  description = "URL at which a page exchanges its token for a ticket (POST, Authorization: Bearer ...); null unless the mode is JWT."
  value       = local.ticket_url
}

output "management_endpoint" {
  description = "Endpoint to which the functions push messages: https://..."
  value       = local.management_endpoint
}

output "authorization_mode" {
  description = "Authorization mode: JWT, CUSTOM or NONE."
  value       = var.authorization.mode
}

output "api_id" {
  description = "ID of the WebSocket API, e.g. for a custom domain."
  value       = aws_apigatewayv2_api.websocket.id
}

output "ticket_api_id" {
  description = "ID of the ticket API; null unless the mode is JWT."
  value       = one(aws_apigatewayv2_api.tickets[*].id)
}

output "stage_name" {
  description = "Stage of both APIs."
  value       = aws_apigatewayv2_stage.websocket.name
}

output "function_names" {
  description = "Names of the functions: socket (routes and tickets), deliver (events, sweep) and worker (large answers)."
  value = {
    socket  = module.socket.function_name
    deliver = module.deliver.function_name
    worker  = module.worker.function_name
  }
}

output "log_group_names" {
  description = "Names of the functions' log groups: socket, deliver and worker."
  value = {
    socket  = module.socket.log_group_name
    deliver = module.deliver.log_group_name
    worker  = module.worker.log_group_name
  }
}

output "access_log_group_names" {
  description = "Names of the access log groups: websocket and tickets; empty without access logs."
  value = tomap(merge(
    { for group in aws_cloudwatch_log_group.websocket : "websocket" => group.name },
    { for group in aws_cloudwatch_log_group.tickets : "tickets" => group.name },
  ))
}

output "table_name" {
  description = "Name of the table."
  value       = aws_dynamodb_table.this.name
}

output "table_arn" {
  description = "ARN of the table."
  value       = aws_dynamodb_table.this.arn
}

output "role" {
  description = "Name and ARN of the role that submits and reads the gateway's statements."
  value       = local.role
}

# Waits for the first login, after which the user exists and can be granted permissions.
output "database_user" {
  description = "Database user that runs the queries. It needs SELECT on what they read. null with a secret, which names its own user."
  value       = local.database_user
  depends_on  = [aws_lambda_invocation.login]
}

output "principal_prefix" {
  description = "Prefix of `principal` in the completion events of the gateway's statements."
  value       = local.principal_prefix
}

output "query_names" {
  description = "Names of the queries in the catalog."
  value       = sort(keys(var.queries))
}

output "rule_names" {
  description = "Names of the EventBridge rules: run_ended and each key of `data_version_events`."
  value       = tomap(local.rule_names)
}

output "sweep_schedule_name" {
  description = "Schedule of the sweep as <group>/<name>."
  value       = "${aws_scheduler_schedule.sweep.group_name}/${aws_scheduler_schedule.sweep.name}"
}

output "failure_queue_url" {
  description = "URL of the queue that receives events of the deliver function whose retries are exhausted."
  value       = module.deliver.failure_queue_url
}

output "failure_queue_arn" {
  description = "ARN of the queue that receives events of the deliver function whose retries are exhausted."
  value       = module.deliver.failure_queue_arn
}

output "answers_bucket" {
  description = "Name of the bucket that keeps answers above 32 KB for a day."
  value       = aws_s3_bucket.answers.id
}

output "work_queue_url" {
  description = "URL of the queue of the worker function."
  value       = aws_sqs_queue.work.url
}

output "work_failure_queue_url" {
  description = "URL of the queue that receives messages which the worker function could not handle."
  value       = aws_sqs_queue.work_failures.url
}

output "version" {
  description = "Version of the package."
  value       = module.socket.version
}

output "grants_sql" {
  description = <<-EOT
    SQL that grants the database user what the queries read, one statement per line, for tables whose names include the schema. The owner
    of the tables runs it after the first apply, which creates the user. With a secret, replace `<user of the secret>`. Nothing runs it.
  EOT
  value       = join("\n", local.grants)
}
