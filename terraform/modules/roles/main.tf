data "aws_partition" "current" {}

locals {
  # aws, aws-cn or aws-us-gov: ARNs begin with it, and China's host names end differently.
  partition  = data.aws_partition.current.partition
  dns_suffix = data.aws_partition.current.dns_suffix
}

data "aws_iam_policy_document" "trust" {
  for_each = { tasks = "ecs-tasks.amazonaws.com", function = "lambda.amazonaws.com" }

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [each.value]
    }

    # Lambda sends no source account when it assumes an execution role.
    dynamic "condition" {
      for_each = each.key == "tasks" ? [var.account_id] : []

      content {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [condition.value]
      }
    }
  }
}
