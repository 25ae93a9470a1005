# Each output that names the role waits for its policy, so that whoever uses it has the role's permissions.

output "role" {
  description = "Name and ARN of the role, in the form that the other modules accept as `role`."
  value = {
    name = aws_iam_role.this.name
    arn  = aws_iam_role.this.arn
  }
  depends_on = [aws_iam_role_policy.this]
}

output "name" {
  description = "Name of the role."
  value       = aws_iam_role.this.name
  depends_on  = [aws_iam_role_policy.this]
}

output "arn" {
  description = "ARN of the role."
  value       = aws_iam_role.this.arn
  depends_on  = [aws_iam_role_policy.this]
}

output "database_user" {
  description = "Database user that runs the statements: redshift.cluster.user or IAMR:<role>. null with a secret, which names its own user."
  value       = local.database_user
}

output "principal_prefix" {
  description = "Prefix of `principal` in the completion events of this role's statements."
  value       = "arn:${local.partition}:sts::${local.account_id}:assumed-role/${local.role_name}/"
}
