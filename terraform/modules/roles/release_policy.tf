data "aws_iam_policy_document" "release_tasks" {
  statement {
    sid       = "Services"
    actions   = ["ecs:CreateService", "ecs:DeleteService", "ecs:DescribeServices", "ecs:ListTagsForResource", "ecs:TagResource", "ecs:UntagResource", "ecs:UpdateService"]
    resources = local.services
  }

  statement {
    sid       = "TaskDefinitions"
    actions   = ["ecs:RegisterTaskDefinition", "ecs:TagResource"]
    resources = [for family in var.release.families : "arn:aws:ecs:${local.prefix}:task-definition/${family}:*"]
  }

  statement {
    sid       = "TaskDefinitionsHaveNoResource"
    actions   = ["ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions"]
    resources = ["*"]
  }

  statement {
    sid       = "Watch"
    actions   = ["ecs:DescribeClusters", "ecs:DescribeTasks", "ecs:ListTasks"]
    resources = ["*"]

    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = ["arn:aws:ecs:${local.prefix}:cluster/${var.release.cluster_name}"]
    }
  }

  statement {
    sid       = "HandTasksTheirRoles"
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.execution.arn, aws_iam_role.task.arn]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }

  statement {
    sid = "Scale"
    actions = [
      "application-autoscaling:DeleteScalingPolicy", "application-autoscaling:DeleteScheduledAction",
      "application-autoscaling:DeregisterScalableTarget", "application-autoscaling:ListTagsForResource",
      "application-autoscaling:PutScalingPolicy", "application-autoscaling:PutScheduledAction",
      "application-autoscaling:RegisterScalableTarget", "application-autoscaling:TagResource",
    ]
    resources = ["arn:aws:application-autoscaling:${local.prefix}:scalable-target/*"]

    condition {
      test     = "StringEquals"
      variable = "application-autoscaling:service-namespace"
      values   = ["ecs"]
    }
  }

  # Application Auto Scaling makes its alarms and, once in an account, its own role in the caller's name.
  statement {
    sid       = "ScalingAlarms"
    actions   = ["cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm"]
    resources = [for name in var.release.service_names : "arn:aws:cloudwatch:${local.prefix}:alarm:TargetTracking-service/${var.release.cluster_name}/${name}-*"]
  }

  statement {
    sid       = "ScalingRole"
    actions   = ["iam:CreateServiceLinkedRole"]
    resources = ["arn:aws:iam::${var.account_id}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService"]

    condition {
      test     = "StringEquals"
      variable = "iam:AWSServiceName"
      values   = ["ecs.application-autoscaling.amazonaws.com"]
    }
  }

  statement {
    sid       = "ScaleHasNoResource"
    actions   = ["application-autoscaling:DescribeScalableTargets", "application-autoscaling:DescribeScalingPolicies", "application-autoscaling:DescribeScheduledActions"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "release_function" {
  statement {
    sid = "Function"
    actions = [
      "lambda:AddPermission", "lambda:CreateAlias", "lambda:CreateFunction", "lambda:DeleteAlias", "lambda:DeleteFunction",
      "lambda:DeleteProvisionedConcurrencyConfig", "lambda:GetAlias", "lambda:GetFunction", "lambda:GetFunctionCodeSigningConfig",
      "lambda:GetFunctionConcurrency", "lambda:GetFunctionConfiguration", "lambda:GetPolicy", "lambda:GetProvisionedConcurrencyConfig",
      "lambda:InvokeFunction", "lambda:ListTags", "lambda:ListVersionsByFunction", "lambda:PublishVersion", "lambda:PutFunctionConcurrency",
      "lambda:PutProvisionedConcurrencyConfig", "lambda:RemovePermission", "lambda:TagResource", "lambda:UntagResource",
      "lambda:UpdateAlias", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration", "lambda:DeleteFunctionConcurrency",
    ]
    resources = [local.function, "${local.function}:*"]
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

  # An API of tasks has none: ECS registers them itself.
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
      "events:PutRule", "events:PutTargets", "events:RemoveTargets", "events:TagResource",
    ]
    resources = ["arn:aws:events:${local.prefix}:rule/${var.release.function_name}-ping"]
  }

  # Lambda asks in the caller's name whether a function's subnets and groups are there.
  dynamic "statement" {
    for_each = var.function_in_vpc ? [true] : []

    content {
      sid       = "SeeTheNetwork"
      actions   = ["ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"]
      resources = ["*"]
    }
  }
}
