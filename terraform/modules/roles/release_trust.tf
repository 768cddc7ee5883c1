locals {
  # Characters of the trust policy below, or a few more.
  trust_size = 110 + sum(concat(
    [for arn in var.release.trusted : length(arn) + 3],
    [for arn in compact([var.build_project_arn]) : 250 + length(arn)],
    [for arn, ci in var.release_oidc : 170 + 3 * length(arn) + length(ci.audience) + length(join("___", ci.subjects))],
  ))
}

data "aws_iam_policy_document" "release_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = var.release.trusted
    }
  }

  # CodeBuild of the module `delivery`, for its own project.
  dynamic "statement" {
    for_each = var.build_project_arn == null ? [] : [var.build_project_arn]

    content {
      actions = ["sts:AssumeRole"]

      principals {
        type        = "Service"
        identifiers = ["codebuild.amazonaws.com"]
      }

      condition {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [var.account_id]
      }

      condition {
        test     = "ArnEquals"
        variable = "aws:SourceArn"
        values   = [statement.value]
      }
    }
  }

  dynamic "statement" {
    for_each = var.release_oidc

    content {
      actions = ["sts:AssumeRoleWithWebIdentity"]

      principals {
        type        = "Federated"
        identifiers = [statement.key]
      }

      condition {
        test     = "StringEquals"
        variable = "${split(":oidc-provider/", statement.key)[1]}:aud"
        values   = [statement.value.audience]
      }

      condition {
        test     = "StringLike"
        variable = "${split(":oidc-provider/", statement.key)[1]}:sub"
        values   = statement.value.subjects
      }
    }
  }
}
