variable "release" {
  description = "What a release may touch: nothing else is allowed to the role that applies it. `trusted` may take the role."
  type = object({
    trusted             = list(string)
    state_bucket        = string
    region              = string
    cluster_name        = string
    service_names       = list(string)
    families            = list(string)
    function_name       = string
    target_group_arns   = list(string)
    releases_bucket_arn = string
    records_table_arn   = string
    dashboard_name      = string
    # Whether there are certificates is known before their ARNs are.
    https            = optional(bool, false)
    certificate_arns = optional(list(string), [])
  })
  nullable = false

  validation {
    condition     = length(var.release.trusted) > 0 && alltrue([for arn in var.release.trusted : can(regex("^arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:", arn))])
    error_message = "release.trusted must name at least one principal by ARN: a role, a user or the account's root."
  }

  validation {
    condition     = alltrue([for name in concat(var.release.service_names, var.release.families, [var.release.function_name, var.release.state_bucket, var.release.dashboard_name]) : !strcontains(name, "*")])
    error_message = "release must name what it may touch without wildcards."
  }
}

locals {
  prefix   = "${var.release.region}:${var.account_id}"
  function = "arn:aws:lambda:${local.prefix}:function:${var.release.function_name}"
  services = [for name in var.release.service_names : "arn:aws:ecs:${local.prefix}:service/${var.release.cluster_name}/${name}"]
}

data "aws_iam_policy_document" "release_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = var.release.trusted
    }
  }

  dynamic "statement" {
    for_each = var.release_oidc

    content {
      actions = ["sts:AssumeRoleWithWebIdentity"]

      principals {
        type        = "Federated"
        identifiers = [statement.key]
      }

      condition {
        test     = "StringEquals"
        variable = "${split(":oidc-provider/", statement.key)[1]}:aud"
        values   = [statement.value.audience]
      }

      condition {
        test     = "StringLike"
        variable = "${split(":oidc-provider/", statement.key)[1]}:sub"
        values   = statement.value.subjects
      }
    }
  }
}

resource "aws_iam_role" "release" {
  name               = "${var.name}-release"
  description        = "Applies a release, and can do nothing else"
  assume_role_policy = data.aws_iam_policy_document.release_trust.json
}

resource "aws_iam_role_policy" "release" {
  for_each = merge(
    {
      tasks    = data.aws_iam_policy_document.release_tasks.json
      function = data.aws_iam_policy_document.release_function.json
      data     = data.aws_iam_policy_document.release_data.json
      verify   = data.aws_iam_policy_document.release_verify.json
    },
    { for document in data.aws_iam_policy_document.release_key : "key" => document.json },
  )

  name   = each.key
  role   = aws_iam_role.release.id
  policy = each.value
}

output "release_role_arn" {
  description = "Role that applies releases."
  value       = aws_iam_role.release.arn
}
