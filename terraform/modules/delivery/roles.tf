locals {
  services = {
    pipeline = { principal = "codepipeline.amazonaws.com", source = local.pipeline_arn }
    schedule = { principal = "events.amazonaws.com", source = "arn:${local.partition}:events:${var.region}:${var.account_id}:rule/${local.prefix}" }
  }
}

data "aws_iam_policy_document" "trust" {
  for_each = local.services

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [each.value.principal]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [each.value.source]
    }
  }
}

resource "aws_iam_role" "pipeline" {
  name                 = "${local.prefix}-pipeline"
  description          = "Reads the repositories' heads and starts the build"
  assume_role_policy   = data.aws_iam_policy_document.trust["pipeline"].json
  path                 = var.path
  permissions_boundary = var.permissions_boundary
}

data "aws_iam_policy_document" "pipeline" {
  statement {
    sid       = "UseConnections"
    actions   = ["codeconnections:UseConnection", "codestar-connections:UseConnection"]
    resources = local.connections
  }

  statement {
    sid       = "Artifacts"
    actions   = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
    resources = ["${aws_s3_bucket.artifacts.arn}/*"]
  }

  statement {
    sid       = "ArtifactsBucket"
    actions   = ["s3:GetBucketVersioning", "s3:GetBucketAcl", "s3:GetBucketLocation"]
    resources = [aws_s3_bucket.artifacts.arn]
  }

  statement {
    sid       = "Build"
    actions   = ["codebuild:StartBuild", "codebuild:BatchGetBuilds"]
    resources = [local.project_arn]
  }

  dynamic "statement" {
    for_each = var.approval ? [aws_sns_topic.this.arn] : []

    content {
      sid       = "AskForApproval"
      actions   = ["sns:Publish"]
      resources = [statement.value]
    }
  }
}

resource "aws_iam_role_policy" "pipeline" {
  name   = "pipeline"
  role   = aws_iam_role.pipeline.id
  policy = data.aws_iam_policy_document.pipeline.json
}

resource "aws_iam_role" "schedule" {
  count = var.schedule == null ? 0 : 1

  name                 = "${local.prefix}-schedule"
  description          = "Starts the pipeline"
  assume_role_policy   = data.aws_iam_policy_document.trust["schedule"].json
  path                 = var.path
  permissions_boundary = var.permissions_boundary
}

data "aws_iam_policy_document" "schedule" {
  statement {
    sid       = "Start"
    actions   = ["codepipeline:StartPipelineExecution"]
    resources = [local.pipeline_arn]
  }
}

resource "aws_iam_role_policy" "schedule" {
  count = var.schedule == null ? 0 : 1

  name   = "start"
  role   = aws_iam_role.schedule[0].id
  policy = data.aws_iam_policy_document.schedule.json
}
