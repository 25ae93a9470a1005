output "function_name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "function_arn" {
  description = "ARN of the function."
  value       = aws_lambda_function.this.arn
}

output "role" {
  description = "Name and ARN of the role the function runs under."
  value       = local.role
}

output "log_group_name" {
  description = "Log group of the function."
  value       = aws_cloudwatch_log_group.this.name
}

output "failure_queue_url" {
  description = "URL of the failure queue; null without one."
  value       = one(aws_sqs_queue.failures[*].url)
}

output "failure_queue_arn" {
  description = "ARN of the failure queue; null without one."
  value       = one(aws_sqs_queue.failures[*].arn)
}

output "version" {
  description = "Version of the package."
  value       = local.relay_version
}
