# The API's code has it on Fargate, as it has the role `function` on Lambda. It stays when the API moves to Lambda:
# the tasks run with it until the next release.
resource "aws_iam_role" "api_task" {
  name                 = "${var.name}-api-task"
  description          = "Code in the API's tasks runs with it"
  assume_role_policy   = data.aws_iam_policy_document.trust["tasks"].json
  path                 = var.path
  permissions_boundary = var.permissions_boundary
}

data "aws_iam_policy_document" "api_task" {
  count = var.database_user_arn == null ? 0 : 1

  statement {
    sid       = "Database"
    actions   = ["rds-db:connect"]
    resources = [var.database_user_arn]
  }
}

resource "aws_iam_role_policy" "api_task" {
  count = var.database_user_arn == null ? 0 : 1

  name   = "api-task"
  role   = aws_iam_role.api_task.id
  policy = data.aws_iam_policy_document.api_task[0].json
}
