locals {
  arns = var.bucket == null ? [try(var.topic.arn, "")] : [var.bucket.arn, "${var.bucket.arn}/*"]
}

data "aws_iam_policy_document" "this" {
  dynamic "statement" {
    for_each = var.publisher == null ? [] : [var.publisher]

    content {
      sid       = statement.value.sid
      actions   = ["sns:Publish"]
      resources = local.arns

      principals {
        type        = "Service"
        identifiers = [statement.value.service]
      }

      condition {
        test     = statement.value.test
        variable = statement.value.variable
        values   = statement.value.values
      }
    }
  }

  dynamic "statement" {
    for_each = var.bucket == null ? [] : [var.bucket]

    content {
      sid       = "OnlyOverTLS"
      effect    = "Deny"
      actions   = ["s3:*"]
      resources = local.arns

      principals {
        type        = "*"
        identifiers = ["*"]
      }

      condition {
        test     = "Bool"
        variable = "aws:SecureTransport"
        values   = ["false"]
      }
    }
  }

  dynamic "statement" {
    for_each = var.topic == null ? [] : [var.topic]

    content {
      sid       = "OnlyOverTLS"
      effect    = "Deny"
      actions   = ["sns:Publish"]
      resources = local.arns

      principals {
        type        = "*"
        identifiers = ["*"]
      }

      condition {
        test     = "Bool"
        variable = "aws:SecureTransport"
        values   = ["false"]
      }
    }
  }
}

resource "aws_s3_bucket_policy" "this" {
  count = var.bucket == null ? 0 : 1

  bucket = var.bucket.name
  policy = data.aws_iam_policy_document.this.json
}

resource "aws_sns_topic_policy" "this" {
  count = var.topic == null ? 0 : 1

  arn    = var.topic.arn
  policy = data.aws_iam_policy_document.this.json
}
