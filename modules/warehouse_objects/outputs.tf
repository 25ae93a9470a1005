output "function_name" {
  description = "Name of the function."
  value       = module.function.function_name
}

output "function_arn" {
  description = "ARN of the function."
  value       = module.function.function_arn
}

output "role" {
  description = "Name and ARN of the role whose database user owns the objects."
  value       = local.role
}

output "database_user" {
  description = "Database user that owns the objects. null with a secret, which names its own user, and when `role` is set: see the output of modules/statement_role."
  value       = one(module.statement_role[*].database_user)
}

output "log_group_name" {
  description = "Name of the function's log group."
  value       = module.function.log_group_name
}

output "files" {
  description = "Names of the SQL files, in execution order."
  value       = tolist(local.names)
}

output "history_table" {
  description = "Table that records which files ran, as <schema>.<table>."
  value       = local.history_table
}

output "applied" {
  description = "Names of the files that ran in the last apply that changed something."
  value       = try(jsondecode(aws_lambda_invocation.this.result).applied, [])
}

output "removed_files" {
  description = "Names of files that ran and are no longer in the folder. `drop_sql` does not know what they created. They are known since the last apply that changed something."
  value       = try(jsondecode(aws_lambda_invocation.this.result).removed, [])
}

output "drop_sql" {
  description = "SQL that drops the objects of the files and the history table, newest first, one statement per line. Nothing runs it. Objects of `removed_files` are not part of it."
  value       = join("\n", local.drops)
}

output "version" {
  description = "Version of the package."
  value       = module.function.version
}

output "grants_sql" {
  description = <<-EOT
    SQL that a database administrator runs before the first apply where PUBLIC must not create objects, one statement per line. Skip
    CREATE USER if the user exists. With a secret, replace `<user of the secret>`. Nothing runs it.
  EOT
  value       = join("\n", local.grants)
}
