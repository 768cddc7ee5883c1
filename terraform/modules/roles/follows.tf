# A release of an environment that follows another (`tandem promote`) takes its current release and its images. It
# may read both, and change nothing of that environment.
data "aws_iam_policy_document" "follows" {
  count = var.follows == null ? 0 : 1

  statement {
    sid       = "FollowedPlatform"
    actions   = ["s3:GetObject"]
    resources = ["arn:${local.partition}:s3:::${var.follows.state_bucket}/platform.tfstate"]
  }

  statement {
    sid       = "FollowedList"
    actions   = ["s3:ListBucket"]
    resources = ["arn:${local.partition}:s3:::${var.follows.state_bucket}", "arn:${local.partition}:s3:::${var.follows.releases_bucket}"]
  }

  statement {
    sid       = "FollowedReleases"
    actions   = ["s3:GetObject"]
    resources = ["arn:${local.partition}:s3:::${var.follows.releases_bucket}/${var.follows.prefix}*"]
  }

  statement {
    sid = "FollowedImages"
    actions = [
      "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer", "ecr:ListImages",
    ]
    resources = var.follows.repository_arns
  }

  dynamic "statement" {
    for_each = var.follows.kms_key_arn == null ? [] : [var.follows.kms_key_arn]

    content {
      sid       = "FollowedKey"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["s3.${var.release.region}.${local.dns_suffix}"]
      }
    }
  }
}

# Inline: the role has as many managed policies as IAM takes.
resource "aws_iam_role_policy" "follows" {
  count = var.follows == null ? 0 : 1

  name = "follows"
  # Not its name, which stays when another path replaces the role: the policy would be lost with the old one.
  role   = aws_iam_role.release.id
  policy = data.aws_iam_policy_document.follows[0].json
}
