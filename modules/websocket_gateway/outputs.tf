output "websocket_url" {
  description = "Where clients connect: wss://..."
  value       = local.websocket_url
}

output "ticket_url" {
  description = "Where a page gets a ticket for its token (POST, Authorization: Bearer ...); null unless the mode is JWT."
  value       = local.ticket_url
}

output "management_endpoint" {
  description = "Where the functions push messages to connections: https://..."
  value       = local.management_endpoint
}

output "authorization_mode" {
  description = "JWT, CUSTOM or NONE: what a page has to do before it connects."
  value       = var.authorization.mode
}

output "api_id" {
  description = "Id of the WebSocket API, e.g. for a custom domain."
  value       = aws_apigatewayv2_api.websocket.id
}

output "ticket_api_id" {
  description = "Id of the ticket API; null unless the mode is JWT."
  value       = one(aws_apigatewayv2_api.tickets[*].id)
}

output "stage_name" {
  description = "Stage of both APIs."
  value       = aws_apigatewayv2_stage.websocket.name
}

output "function_names" {
  description = "Names of the functions: socket (routes and tickets) and deliver (events, sweep)."
  value = {
    socket  = module.socket.function_name
    deliver = module.deliver.function_name
  }
}

output "log_group_names" {
  description = "Log groups of the functions."
  value = {
    socket  = module.socket.log_group_name
    deliver = module.deliver.log_group_name
  }
}

output "access_log_group_names" {
  description = "Log groups of the APIs' access logs; empty without them."
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

# Waits for the first login: from then on the user can be granted something.
output "database_user" {
  description = "Database user that the queries run as, and that needs to be granted what they read; null with a secret, which names its own."
  value       = local.database_user
  depends_on  = [aws_lambda_invocation.login]
}

output "principal_prefix" {
  description = "Start of the principal in the completion events of the gateway's statements."
  value       = local.principal_prefix
}

output "query_names" {
  description = "Names of the queries in the catalogue."
  value       = sort(keys(var.queries))
}

output "rule_names" {
  description = "Names of the EventBridge rules: run_ended, and each key of data_version_events."
  value       = tomap(local.rule_names)
}

output "sweep_schedule_name" {
  description = "The sweep's schedule as <group>/<name>."
  value       = "${aws_scheduler_schedule.sweep.group_name}/${aws_scheduler_schedule.sweep.name}"
}

output "failure_queue_url" {
  description = "URL of the queue of what the deliver function gave up."
  value       = module.deliver.failure_queue_url
}

output "failure_queue_arn" {
  description = "ARN of the queue of what the deliver function gave up."
  value       = module.deliver.failure_queue_arn
}

output "version" {
  description = "Version of the package."
  value       = module.socket.version
}
