# S3, DynamoDB and Lambda use the key in the caller's name; ECR, CloudWatch Logs and SNS use it in their own.
data "aws_iam_policy_document" "release_key" {
  count = var.kms_key_arn == null ? 0 : 1

  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"]
    resources = [var.kms_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = [for service in ["dynamodb", "lambda", "s3"] : "${service}.${var.release.region}.${local.dns_suffix}"]
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
      values   = ["lambda.${var.release.region}.${local.dns_suffix}"]
    }
  }
}
