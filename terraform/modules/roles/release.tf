locals {
  scaling_service     = "ecs.application-autoscaling.amazonaws.com"
  scaling_role        = "AWSServiceRoleForApplicationAutoScaling_ECSService"
  service_role_prefix = "arn:${local.partition}:iam::${var.account_id}:role/aws-service-role"

  prefix   = "${var.release.region}:${var.account_id}"
  function = "arn:${local.partition}:lambda:${local.prefix}:function:${var.release.function_name}"
  services = [
    for name in var.release.service_names :
    "arn:${local.partition}:ecs:${local.prefix}:service/${var.release.cluster_name}/${name}"
  ]
}

resource "aws_iam_role" "release" {
  name                 = "${var.name}-release"
  description          = "Applies a release, and can do nothing else"
  assume_role_policy   = data.aws_iam_policy_document.release_trust.json
  path                 = var.path
  permissions_boundary = var.permissions_boundary
  # A run may wait half an hour for the lock, then roll out, bake and go back. CI asks for what it needs.
  max_session_duration = 4 * 3600

  lifecycle {
    # A role has ten policies: five for secrets, whose ARNs share 4,000 characters, and five for the rest.
    precondition {
      condition     = sum(concat([0], [for arn in local.all_arns : length(arn) + 3])) <= 20000
      error_message = "task_secret_arns and function_secret_arns must have at most 20,000 characters together, which is about 200 secrets: keep several values in one secret, by JSON keys."
    }

    precondition {
      condition     = local.trust_size <= 2048
      error_message = "release.trusted and release_oidc must name fewer principals and subjects: IAM takes 2,048 characters in a role's trust policy. Trust one role that several principals may assume, or use fewer and shorter subjects."
    }
  }
}

locals {
  release_policies = merge(
    {
      tasks    = data.aws_iam_policy_document.release_tasks.minified_json
      function = data.aws_iam_policy_document.release_function.minified_json
      data     = data.aws_iam_policy_document.release_data.minified_json
      verify   = data.aws_iam_policy_document.release_verify.minified_json
    },
    { for document in data.aws_iam_policy_document.release_key : "key" => document.minified_json },
    { for number, document in data.aws_iam_policy_document.release_secrets : "secrets-${number}" => document.minified_json },
  )
}

# Inline policies have 10,240 characters together, managed ones 6,144 each.
resource "aws_iam_policy" "release" {
  for_each = local.release_policies

  name        = "${var.name}-release-${each.key}"
  description = "Part of what the role ${var.name}-release may do"
  path        = var.path
  policy      = each.value
}

resource "aws_iam_role_policy_attachment" "release" {
  for_each = local.release_policies

  role       = aws_iam_role.release.name
  policy_arn = aws_iam_policy.release[each.key].arn
}
