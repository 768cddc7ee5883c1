# ECS uses the execution role: it pulls images, reads secrets before the containers start, and writes logs.
resource "aws_iam_role" "execution" {
  name                 = "${var.name}-execution"
  description          = "ECS starts tasks with it"
  assume_role_policy   = data.aws_iam_policy_document.trust["tasks"].json
  path                 = var.path
  permissions_boundary = var.permissions_boundary
}

data "aws_iam_policy_document" "execution" {
  statement {
    sid       = "Login"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"] # takes no resource
  }

  statement {
    sid       = "Pull"
    actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = var.repository_arns
  }

  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${var.app_log_group_arn}:*", "${var.api_log_group_arn}:*"]
  }
}

resource "aws_iam_role_policy" "execution" {
  name   = "execution"
  role   = aws_iam_role.execution.id
  policy = data.aws_iam_policy_document.execution.json
}

# The code in the app's containers has the task role: nginx needs no permission.
resource "aws_iam_role" "task" {
  name                 = "${var.name}-task"
  description          = "Code in the tasks runs with it"
  assume_role_policy   = data.aws_iam_policy_document.trust["tasks"].json
  path                 = var.path
  permissions_boundary = var.permissions_boundary
}
