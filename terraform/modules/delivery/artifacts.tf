resource "aws_s3_bucket" "artifacts" {
  bucket        = "${local.prefix}-${var.account_id}"
  force_destroy = true # copies of commits
}

resource "aws_s3_bucket_server_side_encryption_configuration" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_public_access_block" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# Named by its access block: S3 takes no policy while that changes.
module "artifacts_tls_only" {
  source = "../tls_only"
  count  = var.require_tls ? 1 : 0

  bucket = { name = aws_s3_bucket_public_access_block.artifacts.bucket, arn = aws_s3_bucket.artifacts.arn }
}

moved {
  from = aws_s3_bucket_policy.artifacts[0]
  to   = module.artifacts_tls_only[0].aws_s3_bucket_policy.this[0]
}

resource "aws_s3_bucket_lifecycle_configuration" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id

  rule {
    id     = "old"
    status = "Enabled"

    filter {}

    expiration {
      days = var.retention_days
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}
