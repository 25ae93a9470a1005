output "url" {
  description = "Address of the page: https://... Put it into allowed_origins of the gateway."
  value       = var.domain == null ? "https://${aws_cloudfront_distribution.this.domain_name}" : "https://${var.domain.aliases[0]}"
}

output "bucket" {
  description = "Name of the bucket that holds the page."
  value       = aws_s3_bucket.this.id
}

output "distribution_id" {
  description = "Id of the CloudFront distribution."
  value       = aws_cloudfront_distribution.this.id
}

output "distribution_arn" {
  description = "ARN of the CloudFront distribution, e.g. for the policy of a customer managed key."
  value       = aws_cloudfront_distribution.this.arn
}

output "domain_name" {
  description = "CloudFront's own name of the distribution: where a DNS record of yours leads."
  value       = aws_cloudfront_distribution.this.domain_name
}

output "hosted_zone_id" {
  description = "Zone of domain_name, for an alias record in Route 53."
  value       = aws_cloudfront_distribution.this.hosted_zone_id
}

output "content_security_policy" {
  description = "What the header tells browsers; the document narrows its connect-src to the addresses in use."
  value       = local.content_security_policy
}

output "config" {
  description = "What the page reads from its config.json."
  value       = aws_s3_object.config.content
}
