output "table_name" {
  description = "Name of the table of build and deployment records."
  value       = aws_dynamodb_table.records.name
}

output "table_arn" {
  description = "ARN of the table."
  value       = aws_dynamodb_table.records.arn
}

output "bucket" {
  description = "Name of the bucket of the release manifests."
  value       = aws_s3_bucket.releases.bucket
}

output "bucket_arn" {
  description = "ARN of the bucket."
  value       = aws_s3_bucket.releases.arn
}
