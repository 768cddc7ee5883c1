variable "functions" {
  description = "Lambda functions that run images of a repository, as an ARN pattern by the repository's key, such as `api = \"arn:aws:lambda:eu-central-1:123456789012:function:tandem-*-api\"`."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key, pattern in var.functions : contains(keys(var.repositories), key) && can(regex("^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[^*]", pattern))])
    error_message = "functions must map keys of repositories to functions of one account (arn:aws:lambda:<region>:<account>:function:<name>…)."
  }
}

# Lambda would write this itself, but only for a caller that may change the repository's policy: the release role may not.
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

  repository = aws_ecr_repository.this[each.key].id # as the lifecycle policy's
  policy     = each.value.json
}
