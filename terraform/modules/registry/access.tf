# Lambda would add this statement itself, but only if the caller may change the repository's policy. The release role may not.
# https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#gettingstarted-images-permissions
data "aws_iam_policy_document" "functions" {
  for_each = var.create ? var.functions : {}

  statement {
    sid     = "LambdaPulls"
    actions = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }

    condition {
      test     = "StringLike"
      variable = "aws:sourceArn"
      values   = [each.value]
    }
  }
}

resource "aws_ecr_repository_policy" "functions" {
  for_each = data.aws_iam_policy_document.functions

  repository = aws_ecr_repository.this[each.key].id # unknown while the repository is replaced, as for the lifecycle policy
  policy     = each.value.json
}
