output "url" {
  description = "URL of the page: https://..."
  value       = var.domain == null ? "https://${aws_cloudfront_distribution.this.domain_name}" : "https://${var.domain.aliases[0]}"
}

output "origins" {
  description = "Origins of the page, for allowed_origins of the gateway: all names in `domain`, except wildcards, or CloudFront's domain name."
  value       = var.domain == null ? ["https://${aws_cloudfront_distribution.this.domain_name}"] : [for alias in var.domain.aliases : "https://${alias}" if !startswith(alias, "*")]
}

output "bucket" {
  description = "Name of the page's bucket."
  value       = aws_s3_bucket.this.id
}

output "distribution_id" {
  description = "ID of the CloudFront distribution."
  value       = aws_cloudfront_distribution.this.id
}

output "distribution_arn" {
  description = "ARN of the CloudFront distribution, e.g. for the policy of a customer managed key."
  value       = aws_cloudfront_distribution.this.arn
}

output "domain_name" {
  description = "Domain name of the CloudFront distribution, the target of your DNS records."
  value       = aws_cloudfront_distribution.this.domain_name
}

output "hosted_zone_id" {
  description = "Hosted zone ID of domain_name, for an alias record in Route 53."
  value       = aws_cloudfront_distribution.this.hosted_zone_id
}

output "content_security_policy" {
  description = "Content-Security-Policy header of the page. The document restricts its connect-src to the URLs in use."
  value       = local.content_security_policy
}

output "config" {
  description = "Content of the page's config.json."
  value       = aws_s3_object.config.content
}
