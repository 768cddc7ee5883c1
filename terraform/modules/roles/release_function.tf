data "aws_iam_policy_document" "release_function" {
  statement {
    sid = "Function"
    actions = [
      "lambda:CreateAlias", "lambda:CreateFunction", "lambda:DeleteAlias", "lambda:DeleteFunction",
      "lambda:DeleteProvisionedConcurrencyConfig", "lambda:GetAlias", "lambda:GetFunction", "lambda:GetFunctionCodeSigningConfig",
      "lambda:GetFunctionConcurrency", "lambda:GetFunctionConfiguration", "lambda:GetPolicy", "lambda:GetProvisionedConcurrencyConfig",
      "lambda:InvokeFunction", "lambda:ListTags", "lambda:ListVersionsByFunction", "lambda:PublishVersion", "lambda:PutFunctionConcurrency",
      "lambda:PutProvisionedConcurrencyConfig", "lambda:RemovePermission", "lambda:TagResource", "lambda:UntagResource",
      "lambda:UpdateAlias", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration", "lambda:DeleteFunctionConcurrency",
    ]
    resources = [local.function, "${local.function}:*"]
  }

  # A permission for another principal would open the function to another account.
  statement {
    sid       = "LetTheLoadBalancerInvoke"
    actions   = ["lambda:AddPermission"]
    resources = [local.function, "${local.function}:*"]

    condition {
      test     = "StringEquals"
      variable = "lambda:Principal"
      values   = ["elasticloadbalancing.amazonaws.com", "events.amazonaws.com"]
    }
  }

  statement {
    sid       = "HandTheFunctionItsRole"
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.function.arn]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["lambda.amazonaws.com"]
    }
  }

  # An API of tasks has none: ECS registers tasks itself.
  dynamic "statement" {
    for_each = length(var.release.target_group_arns) > 0 ? [var.release.target_group_arns] : []

    content {
      sid       = "Attach"
      actions   = ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"]
      resources = statement.value
    }
  }

  statement {
    sid = "Ping"
    actions = [
      "events:DeleteRule", "events:DescribeRule", "events:ListTagsForResource", "events:ListTargetsByRule",
      "events:PutRule", "events:PutTargets", "events:RemoveTargets", "events:TagResource", "events:UntagResource",
    ]
    resources = ["arn:${local.partition}:events:${local.prefix}:rule/${var.release.function_name}-ping"]
  }

  # Lambda checks in the caller's name that a function's subnets and security groups exist.
  dynamic "statement" {
    for_each = var.function_in_vpc ? [true] : []

    content {
      sid       = "SeeTheNetwork"
      actions   = ["ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"]
      resources = ["*"]
    }
  }

  # https://docs.aws.amazon.com/lambda/latest/dg/configuration-filesystem.html
  dynamic "statement" {
    for_each = var.file_system_arn == null ? [] : [var.file_system_arn]

    content {
      sid       = "SeeTheFileSystem"
      actions   = ["elasticfilesystem:DescribeMountTargets"]
      resources = [statement.value]
    }
  }
}
