output "url" {
  description = "URL of the site."
  value       = "https://${coalesce(var.domain, aws_cloudfront_distribution.this.domain_name)}"
}

output "distribution_id" {
  description = "ID of the distribution, for invalidations."
  value       = aws_cloudfront_distribution.this.id
}

output "domain_name" {
  description = "Domain name of the distribution: the target of an alias record."
  value       = aws_cloudfront_distribution.this.domain_name
}
