variable "kms_key_arn" {
  description = "KMS key that the releases' bucket, the records and the function's environment are encrypted with; null where these are AWS's own keys."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key (arn:aws:kms:…)."
  }
}

# S3, DynamoDB and Lambda use the key in the caller's name; ECR, logs and topic do so in their own.
data "aws_iam_policy_document" "release_key" {
  count = var.kms_key_arn == null ? 0 : 1

  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"]
    resources = [var.kms_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = [for service in ["dynamodb", "lambda", "s3"] : "${service}.${var.release.region}.amazonaws.com"]
    }
  }

  # https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
  statement {
    sid       = "KeyForTheFunction"
    actions   = ["kms:CreateGrant"]
    resources = [var.kms_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["lambda.${var.release.region}.amazonaws.com"]
    }
  }
}
