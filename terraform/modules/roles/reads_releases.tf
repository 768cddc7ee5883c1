# The code of the API may read the releases and the build records, and what serves now. It may change none of them.

data "aws_iam_policy_document" "reads_releases" {
  count = var.reads_releases == null ? 0 : 1

  statement {
    sid       = "ListReleases"
    actions   = ["s3:ListBucket"]
    resources = [var.reads_releases.bucket_arn]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["${var.reads_releases.prefix}*"]
    }
  }

  statement {
    sid       = "ReadReleases"
    actions   = ["s3:GetObject"]
    resources = ["${var.reads_releases.bucket_arn}/${var.reads_releases.prefix}*"]
  }

  statement {
    sid       = "ReadRecords"
    actions   = ["dynamodb:Query"]
    resources = [var.reads_releases.table_arn]
  }

  statement {
    sid       = "ReadTargets"
    actions   = ["elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth"]
    resources = ["*"] # neither takes a resource
  }

  statement {
    sid       = "ReadVersions"
    actions   = ["lambda:GetAlias"]
    resources = [var.reads_releases.function_arn]
  }

  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]

    content {
      sid       = "DecryptReleases"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]

      condition {
        test     = "StringLike"
        variable = "kms:ViaService"
        values   = [for service in ["s3", "dynamodb"] : "${service}.*.${local.dns_suffix}"]
      }
    }
  }
}

# The API has them on both runtimes.
resource "aws_iam_role_policy" "reads_releases" {
  for_each = var.reads_releases == null ? {} : { function = aws_iam_role.function.id, api_task = aws_iam_role.api_task.id }

  name   = "reads-releases"
  role   = each.value
  policy = data.aws_iam_policy_document.reads_releases[0].json
}
