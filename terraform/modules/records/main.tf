resource "aws_dynamodb_table" "records" {
  name         = "${var.name}-records"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "pk"
  range_key    = "sk"

  attribute {
    name = "pk"
    type = "S"
  }

  attribute {
    name = "sk"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }

  deletion_protection_enabled = !var.force_destroy

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.kms_key_arn
  }
}

resource "aws_s3_bucket" "releases" {
  bucket        = "${var.name}-releases-${var.account_id}"
  force_destroy = var.force_destroy
}

resource "aws_s3_bucket_versioning" "releases" {
  bucket = aws_s3_bucket.releases.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "releases" {
  bucket = aws_s3_bucket.releases.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "releases" {
  bucket = aws_s3_bucket.releases.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# Named by its access block: S3 takes no policy while that changes.
module "tls_only" {
  source = "../tls_only"
  count  = var.require_tls ? 1 : 0

  bucket = { name = aws_s3_bucket_public_access_block.releases.bucket, arn = aws_s3_bucket.releases.arn }
}

moved {
  from = aws_s3_bucket_policy.releases[0]
  to   = module.tls_only[0].aws_s3_bucket_policy.this[0]
}

# Releases are small and never expire; overwritten versions expire after a year.
resource "aws_s3_bucket_lifecycle_configuration" "releases" {
  bucket = aws_s3_bucket.releases.id

  rule {
    id     = "superseded"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = 365
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}
