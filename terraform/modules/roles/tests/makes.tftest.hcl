mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "the_task_role_has_no_permission" {
  command = plan

  assert {
    condition     = length(aws_iam_policy.secrets) == 0 && aws_iam_role.task.name == "t-task"
    error_message = "the execution role may read secrets, or the task role has another name"
  }
}

run "tasks_may_pull_from_the_given_repositories_only" {
  command = plan

  assert {
    condition     = anytrue([for statement in data.aws_iam_policy_document.execution.statement : contains(statement.actions, "ecr:BatchGetImage") && statement.resources == toset(var.repository_arns)])
    error_message = "the execution role may pull from other repositories"
  }
}

run "a_secret_with_a_json_key_is_granted_by_the_secrets_arn" {
  command = plan

  variables {
    task_secret_arns = ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf:password::"]
  }

  assert {
    condition     = one(data.aws_iam_policy_document.secrets["execution-1"].statement).resources == toset(["arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf"])
    error_message = "the policy names another ARN"
  }
}

run "the_function_may_read_its_own_secrets_only" {
  command = plan

  variables {
    function_secret_arns = ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf"]
  }

  assert {
    condition     = one(data.aws_iam_policy_document.secrets["function-1"].statement).resources == toset(["arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf"]) && keys(aws_iam_policy.secrets) == ["function-1"]
    error_message = "the function may read other secrets, or the tasks may read secrets"
  }
}

run "ssm_parameters_are_granted_as_parameters" {
  command = plan

  variables {
    task_secret_arns = ["arn:aws:ssm:eu-central-1:123456789012:parameter/db"]
  }

  assert {
    condition     = one(data.aws_iam_policy_document.secrets["execution-1"].statement).actions == toset(["ssm:GetParameter", "ssm:GetParameters"])
    error_message = "the policy has other actions"
  }
}

run "keys_may_decrypt_through_secrets_manager_and_ssm_only" {
  command = plan

  variables {
    task_secret_arns    = ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf"]
    secret_kms_key_arns = ["arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"]
  }

  assert {
    condition     = one(data.aws_iam_policy_document.secret_keys["execution"].statement).actions == toset(["kms:Decrypt"]) && one(data.aws_iam_policy_document.secret_keys["execution"].statement).resources == toset(var.secret_kms_key_arns) && one(one(data.aws_iam_policy_document.secret_keys["execution"].statement).condition).variable == "kms:ViaService" && keys(aws_iam_policy.secrets) == ["execution-1", "execution-keys"]
    error_message = "the key may be used without a secret service"
  }
}

run "without_oidc_only_the_trusted_principals_may_assume_the_release_role" {
  command = plan

  assert {
    condition     = flatten([for statement in data.aws_iam_policy_document.release_trust.statement : tolist(statement.actions)]) == ["sts:AssumeRole"]
    error_message = "the trust policy allows another way"
  }
}

run "ci_may_assume_the_release_role_by_audience_and_subject" {
  command = plan

  variables {
    release_oidc = {
      "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" = { subjects = ["repo:you/site:ref:refs/heads/main"] }
    }
  }

  assert {
    condition     = jsonencode({ for condition in data.aws_iam_policy_document.release_trust.statement[1].condition : condition.variable => condition.values }) == jsonencode({ "token.actions.githubusercontent.com:aud" = ["sts.amazonaws.com"], "token.actions.githubusercontent.com:sub" = ["repo:you/site:ref:refs/heads/main"] })
    error_message = "the conditions are not audience and subject"
  }

  assert {
    condition     = one(one(data.aws_iam_policy_document.release_trust.statement[1].principals).identifiers) == "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
    error_message = "the trust policy names another provider"
  }
}

run "the_release_role_may_pass_three_roles_to_two_services" {
  command = plan

  assert {
    condition = jsonencode([for statement in flatten([for document in [data.aws_iam_policy_document.release_tasks, data.aws_iam_policy_document.release_run, data.aws_iam_policy_document.release_function, data.aws_iam_policy_document.release_data, data.aws_iam_policy_document.release_verify] : document.statement]) : [tolist(statement.resources), one(statement.condition)] if contains(statement.actions, "iam:PassRole")]) == jsonencode([
      [[aws_iam_role.execution.arn], { test = "StringEquals", values = ["ecs-tasks.amazonaws.com"], variable = "iam:PassedToService" }],
      [[aws_iam_role.function.arn], { test = "StringEquals", values = ["lambda.amazonaws.com"], variable = "iam:PassedToService" }],
    ])
    error_message = "another role may be passed, or one to another service"
  }
}

run "the_release_role_changes_no_resource_by_wildcard" {
  command = plan

  assert {
    condition     = alltrue([for statement in flatten([for document in [data.aws_iam_policy_document.release_tasks, data.aws_iam_policy_document.release_run, data.aws_iam_policy_document.release_function, data.aws_iam_policy_document.release_data, data.aws_iam_policy_document.release_verify] : document.statement]) : alltrue([for action in statement.actions : !strcontains(action, "*")])])
    error_message = "an action has a wildcard"
  }

  assert {
    condition     = alltrue([for statement in flatten([for document in [data.aws_iam_policy_document.release_tasks, data.aws_iam_policy_document.release_run, data.aws_iam_policy_document.release_function, data.aws_iam_policy_document.release_data, data.aws_iam_policy_document.release_verify] : document.statement]) : !contains(statement.resources, "*") || alltrue([for action in statement.actions : action == "ecs:RegisterTaskDefinition" || can(regex(":(Describe|Get|List)", action))])])
    error_message = "an action that changes something has no resource"
  }

  assert {
    condition     = one([for statement in data.aws_iam_policy_document.release_tasks.statement : one(statement.condition) if contains(statement.actions, "ecs:RegisterTaskDefinition")]) == { test = "StringEquals", variable = "aws:RequestTag/Stack", values = tolist(["t"]) }
    error_message = "the tag Stack is not required"
  }
}

run "the_release_role_may_read_no_secret" {
  command = plan

  variables {
    task_secret_arns = ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf"]
  }

  assert {
    condition     = alltrue([for statement in flatten([for document in [data.aws_iam_policy_document.release_tasks, data.aws_iam_policy_document.release_run, data.aws_iam_policy_document.release_function, data.aws_iam_policy_document.release_data, data.aws_iam_policy_document.release_verify] : document.statement]) : !contains(statement.actions, "secretsmanager:GetSecretValue")])
    error_message = "the release role may read a secret"
  }
}

run "services_may_assume_their_roles_for_this_account_only" {
  command = plan

  assert {
    condition     = one(one(data.aws_iam_policy_document.trust["tasks"].statement).condition).variable == "aws:SourceAccount"
    error_message = "the source account is not required"
  }
}

run "a_function_in_the_vpc_may_create_network_interfaces" {
  command = plan

  variables {
    function_in_vpc = true
  }

  assert {
    condition     = anytrue([for statement in data.aws_iam_policy_document.function.statement : contains(statement.actions, "ec2:CreateNetworkInterface")])
    error_message = "the action is missing"
  }
}

run "the_release_role_attaches_no_function_if_the_api_runs_as_tasks" {
  command = plan

  variables {
    release = merge(var.release, { target_group_arns = [] })
  }

  assert {
    condition     = alltrue([for statement in data.aws_iam_policy_document.release_function.statement : statement.sid != "Attach"])
    error_message = "the statement Attach exists"
  }
}

run "the_api_may_connect_as_one_database_user_on_both_runtimes" {
  command = plan

  variables {
    database_user_arn = "arn:aws:rds-db:eu-central-1:123456789012:dbuser:prx-1/app"
  }

  assert {
    condition     = anytrue([for statement in data.aws_iam_policy_document.function.statement : statement.actions == toset(["rds-db:connect"]) && statement.resources == toset([var.database_user_arn])])
    error_message = "the policy allows another number of database users"
  }

  assert {
    condition     = one(data.aws_iam_policy_document.api_task[0].statement).actions == toset(["rds-db:connect"]) && one(data.aws_iam_policy_document.api_task[0].statement).resources == toset([var.database_user_arn])
    error_message = "the API's tasks may not connect, or as another user"
  }
}

run "the_release_role_may_use_the_key_through_three_services" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  }

  assert {
    condition     = alltrue([for statement in data.aws_iam_policy_document.release_key[0].statement : statement.resources == toset([var.kms_key_arn]) && one(statement.condition).variable == "kms:ViaService"])
    error_message = "the key may be used directly, or another key may be used"
  }

  assert {
    condition     = one([for statement in data.aws_iam_policy_document.release_key[0].statement : one(statement.condition).values if contains(statement.actions, "kms:CreateGrant")]) == tolist(["lambda.eu-central-1.amazonaws.com"])
    error_message = "another service may create grants"
  }

  assert {
    condition     = contains(keys(aws_iam_policy.release), "key")
    error_message = "the role lacks the policy"
  }
}

run "without_a_key_the_release_role_may_use_none" {
  command = plan

  assert {
    condition     = !contains(keys(aws_iam_policy.release), "key")
    error_message = "the role has a policy for a key"
  }
}

run "exactly_the_trusted_principals_assume_the_release_role" {
  command = plan

  assert {
    condition     = length(data.aws_iam_policy_document.release_trust.statement) == 1 && one(data.aws_iam_policy_document.release_trust.statement[0].principals).type == "AWS" && one(data.aws_iam_policy_document.release_trust.statement[0].principals).identifiers == toset(var.release.trusted)
    error_message = "another account may assume the role"
  }
}

run "a_build_of_its_own_project_runs_under_the_release_role" {
  command = plan

  variables {
    build_project_arn = "arn:aws:codebuild:eu-central-1:123456789012:project/t-delivery"
  }

  assert {
    condition     = length(data.aws_iam_policy_document.release_trust.statement) == 2 && one(data.aws_iam_policy_document.release_trust.statement[1].principals).identifiers == toset(["codebuild.amazonaws.com"])
    error_message = "another service may assume the role, or none"
  }

  assert {
    condition     = { for each in data.aws_iam_policy_document.release_trust.statement[1].condition : each.variable => each.values } == { "aws:SourceAccount" = tolist(["123456789012"]), "aws:SourceArn" = tolist([var.build_project_arn]) }
    error_message = "another project's builds may assume the role"
  }
}

run "a_session_outlasts_the_wait_for_the_lock_and_a_rollout" {
  command = plan

  assert {
    condition     = aws_iam_role.release.max_session_duration == 14400
    error_message = "a session ends in the middle of a release"
  }
}

run "many_secrets_are_split_over_policies_that_are_attached" {
  command = plan

  variables {
    task_secret_arns     = [for at in range(40) : "arn:aws:secretsmanager:eu-central-1:123456789012:secret:${format("%0120d", at)}-AbCdEf"]
    function_secret_arns = ["arn:aws:ssm:eu-central-1:123456789012:parameter/db"]
  }

  assert {
    condition     = keys(aws_iam_role_policy_attachment.secrets) == ["execution-1", "execution-2", "function-1"] && { for part, attached in aws_iam_role_policy_attachment.secrets : part => attached.role } == { execution-1 = "t-execution", execution-2 = "t-execution", function-1 = "t-function" }
    error_message = "a role lacks some of its secrets, or has those of the other"
  }

  assert {
    condition     = toset(flatten([for part in ["execution-1", "execution-2"] : one(data.aws_iam_policy_document.secrets[part].statement).resources])) == toset(var.task_secret_arns)
    error_message = "a secret is missing"
  }

  assert {
    condition     = alltrue([for part in ["secrets-1", "secrets-2"] : aws_iam_role_policy_attachment.release[part].role == "t-release"]) && toset(flatten([for document in data.aws_iam_policy_document.release_secrets : one(document.statement).resources])) == toset(var.task_secret_arns)
    error_message = "the release role cannot describe each secret"
  }
}

run "a_path_and_a_permissions_boundary_apply_to_all_roles" {
  command = plan

  variables {
    path                 = "/team/"
    permissions_boundary = "arn:aws:iam::123456789012:policy/bound"
  }

  assert {
    condition     = alltrue([for role in [aws_iam_role.execution, aws_iam_role.task, aws_iam_role.function, aws_iam_role.release] : role.path == "/team/" && role.permissions_boundary == var.permissions_boundary]) && alltrue([for policy in aws_iam_policy.release : policy.path == "/team/"])
    error_message = "a role or policy lacks path or boundary"
  }
}

run "each_role_is_passed_to_its_own_service_alone" {
  command = plan

  assert {
    condition     = jsonencode([for statement in data.aws_iam_policy_document.release_tasks.statement : [statement.resources, statement.condition] if contains(statement.actions, "iam:PassRole")]) == jsonencode([[toset([aws_iam_role.execution.arn, aws_iam_role.task.arn, aws_iam_role.api_task.arn]), [{ test = "StringEquals", values = ["ecs-tasks.amazonaws.com"], variable = "iam:PassedToService" }]]])
    error_message = "tasks may get another role, or another service may get theirs"
  }

  assert {
    condition     = jsonencode([for statement in data.aws_iam_policy_document.release_function.statement : [statement.resources, statement.condition] if contains(statement.actions, "iam:PassRole")]) == jsonencode([[toset([aws_iam_role.function.arn]), [{ test = "StringEquals", values = ["lambda.amazonaws.com"], variable = "iam:PassedToService" }]]])
    error_message = "the function may get another role, or another service may get its role"
  }
}

run "the_release_role_changes_its_own_services_and_function_alone" {
  command = plan

  assert {
    condition     = one([for statement in data.aws_iam_policy_document.release_tasks.statement : statement.resources if contains(statement.actions, "ecs:UpdateService")]) == toset([for name in var.release.service_names : "arn:aws:ecs:${var.release.region}:${var.account_id}:service/${var.release.cluster_name}/${name}"])
    error_message = "the role may change another service"
  }

  assert {
    condition     = one([for statement in data.aws_iam_policy_document.release_function.statement : statement.resources if contains(statement.actions, "lambda:UpdateFunctionCode")]) == toset(["arn:aws:lambda:${var.release.region}:${var.account_id}:function:${var.release.function_name}", "arn:aws:lambda:${var.release.region}:${var.account_id}:function:${var.release.function_name}:*"])
    error_message = "the role may change another function"
  }
}

run "the_release_role_writes_its_state_and_releases_and_deletes_its_lock" {
  command = plan

  assert {
    condition     = { for statement in data.aws_iam_policy_document.release_data.statement : statement.sid => sort(statement.actions) if anytrue([for action in statement.actions : startswith(action, "s3:")]) } == { State = tolist(["s3:GetObject", "s3:PutObject"]), Unlock = tolist(["s3:DeleteObject"]), PlatformOutputs = tolist(["s3:GetObject"]), List = tolist(["s3:ListBucket"]), Releases = tolist(["s3:GetObject", "s3:PutObject"]) }
    error_message = "the role may do something else to state or releases"
  }

  assert {
    condition     = one([for statement in data.aws_iam_policy_document.release_data.statement : statement.resources if statement.sid == "Unlock"]) == toset(["arn:aws:s3:::${var.release.state_bucket}/release.tfstate.tflock"])
    error_message = "the role may delete something else than its lock"
  }

  assert {
    condition     = one([for statement in data.aws_iam_policy_document.release_data.statement : statement.resources if statement.sid == "State"]) == toset(["arn:aws:s3:::${var.release.state_bucket}/release.tfstate", "arn:aws:s3:::${var.release.state_bucket}/release.tfstate.tflock"])
    error_message = "the role may write another state"
  }
}

run "the_release_role_runs_one_family_in_one_cluster" {
  command = plan

  assert {
    condition     = data.aws_iam_policy_document.release_run.statement[0].resources == toset(["arn:aws:ecs:eu-central-1:123456789012:task-definition/t-run:*"]) && one(data.aws_iam_policy_document.release_run.statement[0].condition).values == tolist(["arn:aws:ecs:eu-central-1:123456789012:cluster/t"])
    error_message = "the role may run other tasks, or elsewhere"
  }

  assert {
    condition     = data.aws_iam_policy_document.release_run.statement[1].resources == toset(["arn:aws:ecs:eu-central-1:123456789012:task/t/*"])
    error_message = "the role may stop tasks of other clusters"
  }
}

run "ci_of_every_branch_or_of_one_environment_may_release" {
  command = plan

  variables {
    release_oidc = {
      "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" = { subjects = ["repo:you/site:ref:refs/heads/*", "repo:you/site:ref:refs/tags/v*", "repo:you/site:environment:prod"] }
    }
  }

  assert {
    condition     = length(data.aws_iam_policy_document.release_trust.statement) == 2
    error_message = "the subjects are refused"
  }
}

run "only_the_load_balancer_and_the_ping_may_be_allowed_to_invoke_the_function" {
  command = plan

  assert {
    condition = jsonencode([for statement in data.aws_iam_policy_document.release_function.statement : one(statement.condition) if contains(statement.actions, "lambda:AddPermission")]) == jsonencode([
      { test = "StringEquals", values = ["elasticloadbalancing.amazonaws.com", "events.amazonaws.com"], variable = "lambda:Principal" },
    ])
    error_message = "the release role may let others invoke the function"
  }
}

run "the_release_role_describes_secrets_and_reads_none" {
  command = plan

  variables {
    task_secret_arns = ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf"]
  }

  assert {
    condition     = toset(flatten([for document in data.aws_iam_policy_document.release_secrets : [for statement in document.statement : tolist(statement.actions)]])) == toset(["secretsmanager:DescribeSecret"])
    error_message = "the release role may do something else to secrets"
  }
}
