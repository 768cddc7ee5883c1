# ECS reads the files with the execution role before the containers start.
data "aws_iam_policy_document" "environment_files" {
  count = length(var.environment_files) > 0 ? 1 : 0

  statement {
    sid       = "EnvironmentFiles"
    actions   = ["s3:GetObject"]
    resources = var.environment_files
  }

  statement {
    sid       = "TheirBuckets"
    actions   = ["s3:GetBucketLocation"]
    resources = distinct([for arn in var.environment_files : split("/", arn)[0]])
  }
}

resource "aws_iam_role_policy" "environment_files" {
  count = length(var.environment_files) > 0 ? 1 : 0

  name   = "environment-files"
  role   = aws_iam_role.execution.id
  policy = data.aws_iam_policy_document.environment_files[0].json
}
