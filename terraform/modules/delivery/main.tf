data "aws_partition" "current" {}

locals {
  partition     = data.aws_partition.current.partition
  prefix        = "${var.name}-delivery"
  project_arn   = "arn:${local.partition}:codebuild:${var.region}:${var.account_id}:project/${local.prefix}"
  pipeline_arn  = "arn:${local.partition}:codepipeline:${var.region}:${var.account_id}:${local.prefix}"
  log_group     = "/aws/codebuild/${local.prefix}"
  log_group_arn = "arn:${local.partition}:logs:${var.region}:${var.account_id}:log-group:${local.log_group}"
  connections   = distinct([for each in values(var.repositories) : each.connection_arn])
}

# One run at a time; a newer one replaces those that wait: it reads all heads, so nothing is lost.
resource "aws_codepipeline" "this" {
  name           = local.prefix
  role_arn       = aws_iam_role.pipeline.arn
  pipeline_type  = "V2"
  execution_mode = "SUPERSEDED"

  artifact_store {
    type     = "S3"
    location = aws_s3_bucket.artifacts.bucket
  }

  stage {
    name = "Source"

    dynamic "action" {
      for_each = var.repositories

      content {
        name             = action.key
        category         = "Source"
        owner            = "AWS"
        provider         = "CodeStarSourceConnection"
        version          = "1"
        output_artifacts = [action.key]

        configuration = {
          ConnectionArn    = action.value.connection_arn
          FullRepositoryId = action.value.repository
          BranchName       = action.value.branch
          # The triggers below decide, by branch and path.
          DetectChanges = "false"
        }
      }
    }
  }

  dynamic "stage" {
    for_each = var.approval ? ["Approve"] : []

    content {
      name = stage.value

      action {
        name     = "Approve"
        category = "Approval"
        owner    = "AWS"
        provider = "Manual"
        version  = "1"

        configuration = {
          NotificationArn = aws_sns_topic.this.arn
          CustomData      = "Release the heads of all sources to ${var.environment}?"
        }
      }
    }
  }

  stage {
    name = "Release"

    action {
      name            = "Release"
      category        = "Build"
      owner           = "AWS"
      provider        = "CodeBuild"
      version         = "1"
      input_artifacts = ["project"]
      configuration   = { ProjectName = aws_codebuild_project.this.name }
    }
  }

  dynamic "trigger" {
    for_each = var.repositories

    content {
      provider_type = "CodeStarSourceConnection"

      git_configuration {
        source_action_name = trigger.key

        push {
          branches {
            includes = [trigger.value.branch]
          }

          file_paths {
            includes = trigger.value.paths
          }
        }
      }
    }
  }
}
