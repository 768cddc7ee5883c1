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

output "kms_key_arn" {
  description = "KMS key that table and bucket are encrypted with; null is AWS's own."
  value       = one(aws_dynamodb_table.records.server_side_encryption).kms_key_arn
}
