mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "a_push_to_any_repository_starts_one_run_at_a_time" {
  command = plan

  assert {
    condition     = aws_codepipeline.this.pipeline_type == "V2" && aws_codepipeline.this.execution_mode == "SUPERSEDED"
    error_message = "runs do not replace those that wait"
  }

  assert {
    condition     = [for trigger in aws_codepipeline.this.trigger : trigger.git_configuration[0].source_action_name] == ["app", "project", "static"]
    error_message = "a repository has no trigger"
  }

  assert {
    condition     = aws_codepipeline.this.trigger[2].git_configuration[0].push[0].branches[0].includes == tolist(["live"]) && aws_codepipeline.this.trigger[2].git_configuration[0].push[0].file_paths[0].includes == tolist(["public/**"])
    error_message = "the trigger does not filter by branch and path"
  }

  assert {
    condition = [for action in aws_codepipeline.this.stage[0].action : action.configuration] == [
      for key in ["app", "project", "static"] : tomap({
        ConnectionArn    = var.repositories[key].connection_arn
        FullRepositoryId = var.repositories[key].repository
        BranchName       = var.repositories[key].branch
        DetectChanges    = "false"
      })
    ]
    error_message = "a source action reads another repository"
  }
}

run "the_build_has_the_project_as_input_and_runs_under_the_release_role" {
  command = plan

  assert {
    condition     = aws_codepipeline.this.stage[1].action[0].input_artifacts == tolist(["project"])
    error_message = "the build gets another input"
  }

  assert {
    condition     = aws_codebuild_project.this.service_role == var.release_role.arn && aws_codebuild_project.this.concurrent_build_limit == 1
    error_message = "the build runs under another role, or twice at once"
  }

  assert {
    condition     = aws_codebuild_project.this.environment[0].image == var.image && aws_codebuild_project.this.environment[0].privileged_mode
    error_message = "the build has another image or no Docker"
  }

  assert {
    condition     = strcontains(aws_codebuild_project.this.source[0].buildspec, "tandem reconcile --env \"$ENVIRONMENT\"")
    error_message = "the build does not reconcile"
  }

  assert {
    condition     = [for each in aws_codebuild_project.this.environment[0].environment_variable : "${each.name}=${each.value}"] == ["ENVIRONMENT=prod"]
    error_message = "the build has other variables"
  }
}

run "the_token_comes_from_its_secret" {
  command = plan

  variables {
    read_token = { secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:git-AbCdEf" }
  }

  assert {
    condition     = one([for each in aws_codebuild_project.this.environment[0].environment_variable : each if each.name == "READ_TOKEN"]) == { name = "READ_TOKEN", value = var.read_token.secret_arn, type = "SECRETS_MANAGER" }
    error_message = "the token is no reference to a secret"
  }

  assert {
    condition     = one([for each in data.aws_iam_policy_document.build.statement : each if each.sid == "ReadTokens"]).resources == toset([var.read_token.secret_arn])
    error_message = "the build may read another secret"
  }
}

run "the_token_of_statuses_comes_from_its_secret" {
  command = plan

  variables {
    status_token = { secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:status-AbCdEf" }
  }

  assert {
    condition = [for each in aws_codebuild_project.this.environment[0].environment_variable : "${each.name} ${coalesce(each.type, "PLAINTEXT")} ${each.value}"] == [
      "ENVIRONMENT PLAINTEXT prod", "TANDEM_GITHUB_TOKEN SECRETS_MANAGER ${var.status_token.secret_arn}",
    ]
    error_message = "the token is no reference to a secret, or has another name"
  }

  assert {
    condition     = one([for each in data.aws_iam_policy_document.build.statement : each if each.sid == "ReadTokens"]).resources == toset([var.status_token.secret_arn])
    error_message = "the build may read another secret"
  }
}

run "both_tokens_may_be_read_with_their_keys_and_go_to_their_own_server" {
  command = plan

  variables {
    read_token          = { secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:git-AbCdEf" }
    status_token        = { secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:status-AbCdEf", service = "gitlab", server = "https://git.example.org" }
    secret_kms_key_arns = ["arn:aws:kms:eu-central-1:123456789012:key/1"]
  }

  assert {
    condition = alltrue([
      for name, value in { TANDEM_GITLAB_TOKEN = var.status_token.secret_arn, CI_SERVER_URL = "https://git.example.org", READ_TOKEN = var.read_token.secret_arn } :
      contains([for each in aws_codebuild_project.this.environment[0].environment_variable : "${each.name}=${each.value}"], "${name}=${value}")
    ])
    error_message = "a variable is missing"
  }

  assert {
    condition     = one([for each in data.aws_iam_policy_document.build.statement : each if each.sid == "ReadTokens"]).resources == toset([var.read_token.secret_arn, var.status_token.secret_arn])
    error_message = "the build reads not both tokens, or another secret"
  }

  assert {
    condition     = one([for each in data.aws_iam_policy_document.build.statement : [each.resources, one(each.condition).values] if each.sid == "DecryptTokens"]) == [toset(var.secret_kms_key_arns), tolist(["secretsmanager.eu-central-1.amazonaws.com"])]
    error_message = "the keys may be used otherwise"
  }
}

run "the_build_adds_four_small_rights_to_the_release_role" {
  command = plan

  assert {
    condition     = [for each in data.aws_iam_policy_document.build.statement : each.sid] == ["Log", "ReadArtifacts", "PullImage"]
    error_message = "the build may do something else"
  }

  assert {
    condition     = one([for each in data.aws_iam_policy_document.build.statement : each if each.sid == "PullImage"]).resources == toset(["arn:aws:ecr:eu-central-1:123456789012:repository/t/pipeline"])
    error_message = "the build may pull another image"
  }

  assert {
    condition     = aws_iam_role_policy.build.role == "t-prod-release"
    error_message = "another role gets the rights"
  }
}

run "the_pipeline_may_read_heads_and_start_its_own_build_only" {
  command = plan

  assert {
    condition     = [for each in data.aws_iam_policy_document.pipeline.statement : each.sid] == ["UseConnections", "Artifacts", "ArtifactsBucket", "Build"]
    error_message = "the pipeline may do something else"
  }

  assert {
    condition     = one([for each in data.aws_iam_policy_document.pipeline.statement : each if each.sid == "UseConnections"]).resources == toset([for each in values(var.repositories) : each.connection_arn])
    error_message = "the pipeline may use another connection"
  }

  assert {
    condition     = one([for each in data.aws_iam_policy_document.pipeline.statement : each if each.sid == "Build"]).resources == toset(["arn:aws:codebuild:eu-central-1:123456789012:project/t-prod-delivery"])
    error_message = "the pipeline may start another build"
  }

  assert {
    condition     = one([for each in data.aws_iam_policy_document.pipeline.statement : each if each.sid == "Artifacts"]).resources == toset(["${aws_s3_bucket.artifacts.arn}/*"])
    error_message = "the pipeline may write to another bucket"
  }

  assert {
    condition     = alltrue([for each in concat(data.aws_iam_policy_document.pipeline.statement, data.aws_iam_policy_document.build.statement, data.aws_iam_policy_document.schedule.statement) : !contains(each.resources, "*") && alltrue([for action in each.actions : !strcontains(action, "*")])])
    error_message = "a policy has a wildcard"
  }
}

run "each_role_is_assumed_by_its_own_service_for_its_own_resource" {
  command = plan

  assert {
    condition = alltrue([
      for key, trust in data.aws_iam_policy_document.trust :
      one(trust.statement[0].principals).identifiers == toset([local.services[key].principal]) &&
      { for each in trust.statement[0].condition : each.variable => each.values } == { "aws:SourceAccount" = tolist(["123456789012"]), "aws:SourceArn" = tolist([local.services[key].source]) }
    ])
    error_message = "a service of another account or resource may assume a role"
  }
}

run "a_path_and_a_permissions_boundary_apply_to_all_roles" {
  command = plan

  variables {
    schedule             = "rate(1 hour)"
    path                 = "/team/"
    permissions_boundary = "arn:aws:iam::123456789012:policy/bound"
  }

  assert {
    condition     = alltrue([for role in concat([aws_iam_role.pipeline], aws_iam_role.schedule) : role.path == "/team/" && role.permissions_boundary == var.permissions_boundary])
    error_message = "a role lacks path or boundary"
  }
}

run "a_schedule_starts_this_pipeline_only" {
  command = plan

  assert {
    condition     = aws_cloudwatch_event_rule.schedule[0].schedule_expression == "rate(1 hour)" && aws_cloudwatch_event_target.schedule[0].arn == "arn:aws:codepipeline:eu-central-1:123456789012:t-prod-delivery"
    error_message = "nothing starts the pipeline by itself"
  }

  assert {
    condition     = one(data.aws_iam_policy_document.schedule.statement).resources == toset(["arn:aws:codepipeline:eu-central-1:123456789012:t-prod-delivery"])
    error_message = "the schedule may start another pipeline"
  }
}

run "without_approval_a_run_has_two_stages" {
  command = plan

  assert {
    condition     = [for stage in aws_codepipeline.this.stage : stage.name] == ["Source", "Release"]
    error_message = "the pipeline has other stages"
  }
}

run "an_approval_comes_before_the_build_and_is_asked_for" {
  command = plan

  variables {
    approval = true
    schedule = null
    emails   = ["team@example.org"]
  }

  assert {
    condition     = [for stage in aws_codepipeline.this.stage : stage.name] == ["Source", "Approve", "Release"] && aws_codepipeline.this.stage[1].action[0].provider == "Manual"
    error_message = "nobody is asked"
  }

  assert {
    condition     = one([for each in data.aws_iam_policy_document.pipeline.statement : each if each.sid == "AskForApproval"]).actions == toset(["sns:Publish"]) && keys(aws_sns_topic_subscription.email) == ["team@example.org"]
    error_message = "nobody learns of it"
  }

  assert {
    condition     = length(aws_cloudwatch_event_rule.schedule) == 0 && length(aws_iam_role.schedule) == 0
    error_message = "a schedule runs"
  }
}

run "artifacts_are_private_and_expire" {
  command = plan

  assert {
    condition     = aws_s3_bucket_public_access_block.artifacts.block_public_policy && aws_s3_bucket_public_access_block.artifacts.restrict_public_buckets && aws_s3_bucket_public_access_block.artifacts.block_public_acls && aws_s3_bucket_public_access_block.artifacts.ignore_public_acls
    error_message = "artifacts can become public"
  }

  assert {
    condition     = one(module.artifacts_tls_only[0].statements).effect == "Deny" && one(one(module.artifacts_tls_only[0].statements).condition).values == tolist(["false"]) && length(module.artifacts_tls_only) == 1
    error_message = "artifacts can be read without TLS"
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.artifacts.rule[0].expiration[0].days == 30 && aws_cloudwatch_log_group.build.retention_in_days == 30
    error_message = "artifacts or logs stay for ever"
  }
}

run "failures_are_published_by_this_rule_only" {
  command = plan

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.failed.event_pattern).detail == { pipeline = ["t-prod-delivery"], state = ["FAILED"] }
    error_message = "other pipelines ring"
  }

  assert {
    condition     = module.topic_tls_only.statements[0].condition == toset([{ test = "ArnEquals", variable = "aws:SourceArn", values = tolist(["arn:aws:events:eu-central-1:123456789012:rule/t-prod-delivery-failed"]) }]) && module.topic_tls_only.statements[1].effect == "Deny"
    error_message = "others may publish"
  }
}
