locals {
  # In an ARN with a JSON key (…:secret:name-AbCdEf:key:stage:version) the first seven fields name the secret.
  secret_arns = {
    for role, arns in { execution = var.task_secret_arns, function = var.function_secret_arns } : role =>
    sort(distinct([for arn in arns : split(":", arn)[2] == "ssm" ? arn : join(":", slice(split(":", arn), 0, 7))]))
  }
  all_arns = sort(distinct(flatten(values(local.secret_arns))))

  # IAM takes 6,144 characters of a managed policy, and an ARN has up to 1,070: the ARNs that begin within the same
  # 4,000 characters of a list share a policy. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  listed = merge(local.secret_arns, { release = [for arn in local.all_arns : arn if split(":", arn)[2] == "secretsmanager"] })
  numbers = {
    for role, arns in local.listed : role =>
    [for at in range(length(arns)) : floor(sum(concat([0], [for arn in slice(arns, 0, at) : length(arn) + 3])) / 4000) + 1]
  }
  parts = merge([
    for role, arns in local.listed : {
      for number in distinct(local.numbers[role]) :
      "${role}-${number}" => [for at, arn in arns : arn if local.numbers[role][at] == number]
    }
  ]...)
  granted_parts = { for part, arns in local.parts : part => arns if !startswith(part, "release-") }
  release_parts = { for part, arns in local.parts : trimprefix(part, "release-") => arns if startswith(part, "release-") }

  key_roles = toset([for role, arns in local.secret_arns : role if length(arns) > 0 && length(var.secret_kms_key_arns) > 0])

  secret_policies = merge(
    { for part, document in data.aws_iam_policy_document.secrets : part => document.minified_json },
    { for role, document in data.aws_iam_policy_document.secret_keys : "${role}-keys" => document.minified_json },
  )
}

data "aws_iam_policy_document" "secrets" {
  for_each = local.granted_parts

  dynamic "statement" {
    for_each = anytrue([for arn in each.value : split(":", arn)[2] == "secretsmanager"]) ? [each.value] : []

    content {
      sid       = "Secrets"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = [for arn in statement.value : arn if split(":", arn)[2] == "secretsmanager"]
    }
  }

  dynamic "statement" {
    for_each = anytrue([for arn in each.value : split(":", arn)[2] == "ssm"]) ? [each.value] : []

    content {
      sid       = "Parameters"
      actions   = ["ssm:GetParameter", "ssm:GetParameters"]
      resources = [for arn in statement.value : arn if split(":", arn)[2] == "ssm"]
    }
  }
}

data "aws_iam_policy_document" "secret_keys" {
  for_each = local.key_roles

  statement {
    sid       = "Decrypt"
    actions   = ["kms:Decrypt"]
    resources = var.secret_kms_key_arns

    condition {
      test     = "StringLike"
      variable = "kms:ViaService"
      values   = [for service in ["secretsmanager", "ssm"] : "${service}.*.${local.dns_suffix}"]
    }
  }
}

resource "aws_iam_policy" "secrets" {
  for_each = local.secret_policies

  name        = "${var.name}-secrets-${each.key}"
  description = "Reads secrets for the role ${var.name}-${split("-", each.key)[0]}"
  path        = var.path
  policy      = each.value
}

resource "aws_iam_role_policy_attachment" "secrets" {
  for_each = local.secret_policies

  role       = startswith(each.key, "execution-") ? aws_iam_role.execution.name : aws_iam_role.function.name
  policy_arn = aws_iam_policy.secrets[each.key].arn
}
