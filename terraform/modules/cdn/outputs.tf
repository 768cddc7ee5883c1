output "url" {
  description = "Where the site answers."
  value       = "https://${coalesce(var.domain, aws_cloudfront_distribution.this.domain_name)}"
}

output "distribution_id" {
  description = "The distribution, for invalidations."
  value       = aws_cloudfront_distribution.this.id
}

output "domain_name" {
  description = "CloudFront's own name: the target of an alias record."
  value       = aws_cloudfront_distribution.this.domain_name
}
