locals {
  scaling_service     = "ecs.application-autoscaling.amazonaws.com"
  scaling_role        = "AWSServiceRoleForApplicationAutoScaling_ECSService"
  service_role_prefix = "arn:aws:iam::${var.account_id}:role/aws-service-role"

  prefix   = "${var.release.region}:${var.account_id}"
  function = "arn:aws:lambda:${local.prefix}:function:${var.release.function_name}"
  services = [
    for name in var.release.service_names :
    "arn:aws:ecs:${local.prefix}:service/${var.release.cluster_name}/${name}"
  ]
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
  # A run may wait half an hour for the lock, then roll out, bake and go back. CI asks for what it needs.
  max_session_duration = 4 * 3600
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
