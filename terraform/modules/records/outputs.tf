output "table_name" {
  description = "Table of build and deployment records."
  value       = aws_dynamodb_table.records.name
}

output "table_arn" {
  description = "Its ARN."
  value       = aws_dynamodb_table.records.arn
}

output "bucket" {
  description = "Bucket of the releases' manifests."
  value       = aws_s3_bucket.releases.bucket
}

output "bucket_arn" {
  description = "Its ARN."
  value       = aws_s3_bucket.releases.arn
}
