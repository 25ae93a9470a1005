output "function_name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "function_arn" {
  description = "ARN of the function."
  value       = aws_lambda_function.this.arn
}

output "role" {
  description = "Name and ARN of the function's role."
  value       = local.role
}

output "log_group_name" {
  description = "Name of the function's log group."
  value       = aws_cloudwatch_log_group.this.name
}

output "failure_queue_url" {
  description = "URL of the failure queue; null without a failure queue."
  value       = one(aws_sqs_queue.failures[*].url)
}

output "failure_queue_arn" {
  description = "ARN of the failure queue; null without a failure queue."
  value       = one(aws_sqs_queue.failures[*].arn)
}

output "version" {
  description = "Version of the package."
  value       = local.relay_version
}

# Waits for the policy, so that the first schedule may invoke the function.
output "schedule_role_arn" {
  description = "ARN of the role for schedules; null without `schedule_role`."
  value       = one(aws_iam_role.schedule[*].arn)
  depends_on  = [aws_iam_role_policy.schedule]
}
