# All wait for the policy: whoever runs under the role has its rights.

output "role" {
  description = "Name and ARN of the role, as the other modules take it."
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
  description = "Database user the statements run as: redshift.cluster.user, or IAMR:<role>; null with a secret, which names its own."
  value       = local.database_user
}

output "principal_prefix" {
  description = "Start of the principal in the completion events of this role's statements."
  value       = "arn:${local.partition}:sts::${local.account_id}:assumed-role/${local.role_name}/"
}
