output "function_name" {
  description = "Name of the function."
  value       = module.function.function_name
}

output "function_arn" {
  description = "ARN of the function."
  value       = module.function.function_arn
}

output "role" {
  description = "Name and ARN of the role that owns the objects."
  value       = local.role
}

output "database_user" {
  description = "Database user that owns the objects; null when the role was given (its module tells) or a secret names the user."
  value       = one(module.statement_role[*].database_user)
}

output "log_group_name" {
  description = "Log group of the function."
  value       = module.function.log_group_name
}

output "files" {
  description = "Names of the SQL files, in the order in which they run."
  value       = tolist(local.names)
}

output "history_table" {
  description = "Table in which stands what ran, as <schema>.<table>."
  value       = local.history_table
}

output "applied" {
  description = "Names of the files that ran when something last changed."
  value       = try(jsondecode(aws_lambda_invocation.this.result).applied, [])
}

output "drop_sql" {
  description = "SQL that would drop the objects and the history, the newest first, one statement a line. Nothing runs it."
  value       = join("\n", local.drops)
}

output "version" {
  description = "Version of the package."
  value       = module.function.version
}
