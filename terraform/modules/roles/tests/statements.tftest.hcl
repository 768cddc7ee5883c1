mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "without_statements_the_code_has_no_policy" {
  command = plan

  assert {
    condition     = length(aws_iam_policy.statements) == 0 && length(aws_iam_role_policy_attachment.statements) == 0
    error_message = "a policy is made, or attached"
  }
}

run "the_apis_statements_are_those_of_both_runtimes" {
  command = plan

  variables {
    statements = { api = { Jobs = {
      actions   = ["sqs:SendMessage", "sqs:GetQueueUrl"]
      resources = ["arn:aws:sqs:eu-central-1:123456789012:jobs"]
      conditions = [
        { test = "StringEquals", variable = "aws:SourceAccount", values = ["123456789012"] },
        { test = "StringEquals", variable = "aws:PrincipalTag/team", values = ["shop"] },
        { test = "Bool", variable = "aws:SecureTransport", values = ["true"] },
      ]
    } } }
  }

  assert {
    condition = jsondecode(aws_iam_policy.statements["api"].policy).Statement == [{
      Sid      = "Jobs"
      Effect   = "Allow"
      Action   = ["sqs:GetQueueUrl", "sqs:SendMessage"]
      Resource = ["arn:aws:sqs:eu-central-1:123456789012:jobs"]
      Condition = {
        StringEquals = { "aws:SourceAccount" = ["123456789012"], "aws:PrincipalTag/team" = ["shop"] }
        Bool         = { "aws:SecureTransport" = ["true"] }
      }
    }]
    error_message = "the policy says something else"
  }

  assert {
    condition     = keys(aws_iam_role_policy_attachment.statements) == ["api", "function"] && keys(aws_iam_policy.statements) == ["api"]
    error_message = "a runtime lacks the policy, or the app has it"
  }
}

run "the_apps_statements_are_the_apps_only" {
  command = plan

  variables {
    statements = { app = { Maps = { actions = ["geo-maps:GetTile"], resources = ["*"] } } }
  }

  assert {
    condition     = keys(aws_iam_role_policy_attachment.statements) == ["app"] && jsondecode(aws_iam_policy.statements["app"].policy).Statement == [{ Sid = "Maps", Effect = "Allow", Action = ["geo-maps:GetTile"], Resource = ["*"] }]
    error_message = "the API has the policy, or it says something else"
  }
}

run "the_release_role_passes_the_api_tasks_role_to_ecs_only" {
  command = plan

  assert {
    condition     = jsonencode(one([for statement in data.aws_iam_policy_document.release_tasks.statement : statement.condition if statement.sid == "HandTasksTheirRoles"])) == jsonencode([{ test = "StringEquals", values = ["ecs-tasks.amazonaws.com"], variable = "iam:PassedToService" }])
    error_message = "the role may be passed to another service"
  }
}

run "statements_with_other_names_are_refused" {
  command = plan

  variables {
    statements = { api = { send-jobs = { actions = ["sqs:SendMessage"], resources = ["*"] } } }
  }

  expect_failures = [var.statements]
}

run "statements_without_actions_are_refused" {
  command = plan

  variables {
    statements = { app = { Nothing = { actions = [], resources = ["*"] } } }
  }

  expect_failures = [var.statements]
}

run "all_actions_of_all_services_are_refused" {
  command = plan

  variables {
    statements = { api = { Everything = { actions = ["*"], resources = ["*"] } } }
  }

  expect_failures = [var.statements]
}

run "resources_that_are_no_arn_are_refused" {
  command = plan

  variables {
    statements = { api = { Jobs = { actions = ["sqs:SendMessage"], resources = ["jobs"] } } }
  }

  expect_failures = [var.statements]
}

run "conditions_with_unknown_operators_are_refused" {
  command = plan

  variables {
    statements = { api = { Jobs = {
      actions    = ["sqs:SendMessage"]
      resources  = ["*"]
      conditions = [{ test = "Equals", variable = "aws:SourceAccount", values = ["123456789012"] }]
    } } }
  }

  expect_failures = [var.statements]
}

run "statements_beyond_iams_size_are_refused" {
  command = plan

  variables {
    statements = { api = { for number in range(80) : "Queue${number}" => {
      actions   = ["sqs:SendMessage"]
      resources = ["arn:aws:sqs:eu-central-1:123456789012:queue-${number}"]
    } } }
  }

  expect_failures = [aws_iam_policy.statements]
}

run "the_release_role_sees_the_functions_file_system" {
  command = plan

  variables {
    file_system_arn = "arn:aws:elasticfilesystem:eu-central-1:123456789012:file-system/fs-1"
  }

  assert {
    condition     = one([for statement in data.aws_iam_policy_document.release_function.statement : statement.resources if statement.sid == "SeeTheFileSystem"]) == toset([var.file_system_arn])
    error_message = "Lambda cannot look for its mount targets"
  }
}

run "a_file_system_by_wildcard_is_refused" {
  command = plan

  variables {
    file_system_arn = "arn:aws:elasticfilesystem:eu-central-1:123456789012:file-system/*"
  }

  expect_failures = [var.file_system_arn]
}

run "ecs_reads_the_environment_files_and_no_other" {
  command = plan

  variables {
    environment_files = ["arn:aws:s3:::shop/app-1.env", "arn:aws:s3:::shop/api-1.env"]
  }

  assert {
    condition     = data.aws_iam_policy_document.environment_files[0].statement[0].resources == toset(var.environment_files) && data.aws_iam_policy_document.environment_files[0].statement[1].resources == toset(["arn:aws:s3:::shop"])
    error_message = "the execution role reads something else"
  }

  assert {
    condition     = aws_iam_role_policy.environment_files[0].role == aws_iam_role.execution.id
    error_message = "another role reads the files"
  }
}

run "environment_files_by_wildcard_are_refused" {
  command = plan

  variables {
    environment_files = ["arn:aws:s3:::shop/*.env"]
  }

  expect_failures = [var.environment_files]
}
