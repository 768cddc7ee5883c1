resource "aws_cloudwatch_log_group" "build" {
  name              = local.log_group
  retention_in_days = var.retention_days
}

resource "aws_codebuild_project" "this" {
  name         = local.prefix
  description  = "Builds what changed and releases it to ${var.environment}"
  service_role = var.release_role.arn
  # The lock waits for half an hour, a rollout may take as long, and so may the way back.
  build_timeout          = 180
  queued_timeout         = 480
  concurrent_build_limit = 1

  artifacts {
    type = "CODEPIPELINE"
  }

  source {
    type      = "CODEPIPELINE"
    buildspec = file("${path.module}/buildspec.yml")
  }

  cache {
    type  = "LOCAL"
    modes = ["LOCAL_DOCKER_LAYER_CACHE"]
  }

  environment {
    type                        = "LINUX_CONTAINER"
    compute_type                = var.compute_type
    image                       = var.image
    image_pull_credentials_type = "SERVICE_ROLE"
    # It builds images with Docker.
    privileged_mode = true

    environment_variable {
      name  = "ENVIRONMENT"
      value = var.environment
    }

    dynamic "environment_variable" {
      for_each = merge(local.read_variables, local.status_variables)

      content {
        name  = environment_variable.key
        value = environment_variable.value.value
        type  = environment_variable.value.type
      }
    }
  }

  logs_config {
    cloudwatch_logs {
      group_name = aws_cloudwatch_log_group.build.name
    }
  }
}

# What the release role needs beyond releasing: its log, its input, its image, the tokens.
data "aws_iam_policy_document" "build" {
  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${local.log_group_arn}:*"]
  }

  statement {
    sid       = "ReadArtifacts"
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = ["${aws_s3_bucket.artifacts.arn}/*"]
  }

  statement {
    sid       = "PullImage"
    actions   = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"]
    resources = ["arn:${local.partition}:ecr:${var.region}:${var.account_id}:repository/${local.image_repository}"]
  }

  dynamic "statement" {
    for_each = length(local.token_arns) == 0 ? [] : [local.token_arns]

    content {
      sid       = "ReadTokens"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = statement.value
    }
  }

  dynamic "statement" {
    for_each = length(local.token_arns) == 0 || length(var.secret_kms_key_arns) == 0 ? [] : [var.secret_kms_key_arns]

    content {
      sid       = "DecryptTokens"
      actions   = ["kms:Decrypt"]
      resources = statement.value

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["secretsmanager.${var.region}.${data.aws_partition.current.dns_suffix}"]
      }
    }
  }
}

locals {
  # The repository's path, without registry and digest.
  image_repository = join("/", slice(split("/", split("@", var.image)[0]), 1, length(split("/", var.image))))
}

resource "aws_iam_role_policy" "build" {
  name   = "delivery"
  role   = var.release_role.name
  policy = data.aws_iam_policy_document.build.json
}
