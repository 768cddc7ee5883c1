locals {
  # In an ARN with a JSON key (…:secret:name-AbCdEf:key:stage:version) the first seven fields name the secret.
  secrets = {
    for user, arns in { task = var.task_secret_arns, function = var.function_secret_arns } : user =>
    distinct([for arn in arns : join(":", slice(split(":", arn), 0, 7)) if split(":", arn)[2] == "secretsmanager"])
  }
  parameters = {
    for user, arns in { task = var.task_secret_arns, function = var.function_secret_arns } : user =>
    distinct([for arn in arns : arn if split(":", arn)[2] == "ssm"])
  }
  all_secrets    = distinct(concat(local.secrets["task"], local.secrets["function"]))
  all_parameters = concat(local.parameters["task"], local.parameters["function"])
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

data "aws_iam_policy_document" "secrets" {
  for_each = toset([
    for user in ["task", "function"] : user if length(local.secrets[user]) + length(local.parameters[user]) > 0
  ])

  dynamic "statement" {
    for_each = length(local.secrets[each.key]) > 0 ? [local.secrets[each.key]] : []

    content {
      sid       = "Secrets"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = statement.value
    }
  }

  dynamic "statement" {
    for_each = length(local.parameters[each.key]) > 0 ? [local.parameters[each.key]] : []

    content {
      sid       = "Parameters"
      actions   = ["ssm:GetParameter", "ssm:GetParameters"]
      resources = statement.value
    }
  }

  dynamic "statement" {
    for_each = length(var.secret_kms_key_arns) > 0 ? [var.secret_kms_key_arns] : []

    content {
      sid       = "Decrypt"
      actions   = ["kms:Decrypt"]
      resources = statement.value

      condition {
        test     = "StringLike"
        variable = "kms:ViaService"
        values   = ["secretsmanager.*.amazonaws.com", "ssm.*.amazonaws.com"]
      }
    }
  }
}
