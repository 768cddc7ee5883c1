data "aws_iam_policy_document" "release_data" {
  statement {
    sid       = "State"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = [for key in ["release.tfstate", "release.tfstate.tflock"] : "arn:${local.partition}:s3:::${var.release.state_bucket}/${key}"]
  }

  statement {
    sid       = "Unlock"
    actions   = ["s3:DeleteObject"]
    resources = ["arn:${local.partition}:s3:::${var.release.state_bucket}/release.tfstate.tflock"]
  }

  statement {
    sid       = "PlatformOutputs"
    actions   = ["s3:GetObject"]
    resources = ["arn:${local.partition}:s3:::${var.release.state_bucket}/platform.tfstate"]
  }

  statement {
    sid       = "List"
    actions   = ["s3:ListBucket"]
    resources = ["arn:${local.partition}:s3:::${var.release.state_bucket}", var.release.releases_bucket_arn]
  }

  statement {
    sid       = "Releases"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${var.release.releases_bucket_arn}/*"]
  }

  statement {
    sid       = "Records"
    actions   = ["dynamodb:BatchWriteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"]
    resources = [var.release.records_table_arn]
  }

  statement {
    sid       = "Login"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"] # takes no resource
  }

  statement {
    sid = "Images"
    actions = [
      "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:DescribeImages",
      "ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:ListImages", "ecr:PutImage", "ecr:UploadLayerPart",
    ]
    resources = var.repository_arns
  }
}

data "aws_iam_policy_document" "release_verify" {
  statement {
    sid       = "Dashboard"
    actions   = ["cloudwatch:DeleteDashboards", "cloudwatch:GetDashboard", "cloudwatch:PutDashboard"]
    resources = ["arn:${local.partition}:cloudwatch::${var.account_id}:dashboard/${var.release.dashboard_name}"]
  }

  # To check that what a release names exists. None of these reads a secret's value, and most take no resource.
  statement {
    sid = "Look"
    actions = [
      "cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData", "ec2:DescribeSubnets", "elasticloadbalancing:DescribeListeners",
      "elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeRules", "elasticloadbalancing:DescribeTargetGroups",
      "elasticloadbalancing:DescribeTargetHealth", "lambda:GetAccountSettings", "logs:DescribeLogGroups",
    ]
    resources = ["*"]
  }

  # The last log lines of containers and function are part of the reason why a rollout failed.
  statement {
    sid       = "LastWords"
    actions   = ["logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents"]
    resources = flatten([for arn in [var.app_log_group_arn, var.api_log_group_arn, var.function_log_group_arn] : [arn, "${arn}:*"]])
  }

  dynamic "statement" {
    for_each = var.release.https ? [var.release.certificate_arns] : []

    content {
      sid       = "Certificate"
      actions   = ["acm:DescribeCertificate"]
      resources = statement.value
    }
  }

  statement {
    sid       = "Roles"
    actions   = ["iam:GetRole"]
    resources = [aws_iam_role.execution.arn, aws_iam_role.task.arn, aws_iam_role.api_task.arn, aws_iam_role.function.arn]
  }

  dynamic "statement" {
    for_each = anytrue([for arn in local.all_arns : split(":", arn)[2] == "ssm"]) ? [true] : []

    content {
      sid       = "ParametersExist"
      actions   = ["ssm:DescribeParameters"]
      resources = ["*"] # takes no resource
    }
  }
}

data "aws_iam_policy_document" "release_secrets" {
  for_each = local.release_parts

  statement {
    sid       = "SecretsExist"
    actions   = ["secretsmanager:DescribeSecret"]
    resources = each.value
  }
}
