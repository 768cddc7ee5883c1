data "aws_iam_policy_document" "release_tasks" {
  source_policy_documents = [data.aws_iam_policy_document.release_run.json]
  statement {
    sid = "Services"
    actions = [
      "ecs:CreateService", "ecs:DeleteService", "ecs:DescribeServices", "ecs:ListTagsForResource",
      "ecs:TagResource", "ecs:UntagResource", "ecs:UpdateService",
    ]
    resources = local.services
  }

  # RegisterTaskDefinition takes no resource in IAM: the condition is the tag that Terraform sets.
  statement {
    sid       = "TaskDefinitions"
    actions   = ["ecs:RegisterTaskDefinition"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/Stack"
      values   = [var.name]
    }
  }

  statement {
    sid       = "TagTaskDefinitions"
    actions   = ["ecs:TagResource", "ecs:UntagResource"]
    resources = [for family in var.release.families : "arn:${local.partition}:ecs:${local.prefix}:task-definition/${family}:*"]
  }

  statement {
    sid       = "TaskDefinitionsHaveNoResource"
    actions   = ["ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions"]
    resources = ["*"]
  }

  statement {
    sid       = "Cluster"
    actions   = ["ecs:DescribeClusters"]
    resources = ["arn:${local.partition}:ecs:${local.prefix}:cluster/${var.release.cluster_name}"]
  }

  statement {
    sid       = "Watch"
    actions   = ["ecs:DescribeTasks", "ecs:ListTasks"]
    resources = ["*"]

    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = ["arn:${local.partition}:ecs:${local.prefix}:cluster/${var.release.cluster_name}"]
    }
  }

  statement {
    sid       = "HandTasksTheirRoles"
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.execution.arn, aws_iam_role.task.arn, aws_iam_role.api_task.arn]

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
      "application-autoscaling:DeregisterScalableTarget", "application-autoscaling:PutScalingPolicy",
      "application-autoscaling:PutScheduledAction", "application-autoscaling:RegisterScalableTarget",
    ]
    resources = ["arn:${local.partition}:application-autoscaling:${local.prefix}:scalable-target/*"]

    condition {
      test     = "StringEquals"
      variable = "application-autoscaling:service-namespace"
      values   = ["ecs"]
    }
  }

  # Tagging has no condition key for the namespace.
  statement {
    sid       = "TagScalableTargets"
    actions   = ["application-autoscaling:ListTagsForResource", "application-autoscaling:TagResource", "application-autoscaling:UntagResource"]
    resources = ["arn:${local.partition}:application-autoscaling:${local.prefix}:scalable-target/*"]
  }

  # Application Auto Scaling creates its alarms and, once per account, its own role in the caller's name.
  statement {
    sid     = "ScalingAlarms"
    actions = ["cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm"]
    resources = [
      for name in var.release.service_names :
      "arn:${local.partition}:cloudwatch:${local.prefix}:alarm:TargetTracking-service/${var.release.cluster_name}/${name}-*"
    ]
  }

  statement {
    sid       = "ScalingRole"
    actions   = ["iam:CreateServiceLinkedRole"]
    resources = ["${local.service_role_prefix}/${local.scaling_service}/${local.scaling_role}"]

    condition {
      test     = "StringEquals"
      variable = "iam:AWSServiceName"
      values   = [local.scaling_service]
    }
  }

  statement {
    sid = "ScaleHasNoResource"
    actions = [
      "application-autoscaling:DescribeScalableTargets", "application-autoscaling:DescribeScalingPolicies",
      "application-autoscaling:DescribeScheduledActions",
    ]
    resources = ["*"]
  }
}
