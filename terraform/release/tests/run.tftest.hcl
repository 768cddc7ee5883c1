mock_provider "aws" {
  source          = "../mocks"
  override_during = plan
}

run "a_command_runs_with_the_released_apis_image_and_settings" {
  command = plan

  variables {
    platform = merge(var.platform, { run_family = "tandem-dev-run", api_task_role_arn = "arn:aws:iam::123456789012:role/api-task", database = { host = "db.example.org", port = 5432, user = "app" } })
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.run[0].container_definitions)[0].image == var.release.api.image && jsondecode(aws_ecs_task_definition.run[0].container_definitions)[0].secrets[0].name == "DB"
    error_message = "another image runs, or without the API's secrets"
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.run[0].container_definitions)[0].entryPoint == ["sh", "-c", "exec \"$@\"", "run"] && jsondecode(aws_ecs_task_definition.run[0].container_definitions)[0].command == ["true"]
    error_message = "a shell would read the command again"
  }

  assert {
    condition     = contains(jsondecode(aws_ecs_task_definition.run[0].container_definitions)[0].environment[*].name, "DATABASE_HOST") && aws_ecs_task_definition.run[0].task_role_arn == "arn:aws:iam::123456789012:role/api-task"
    error_message = "the command lacks the API's database or role"
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.run[0].container_definitions)[0].logConfiguration.options["awslogs-stream-prefix"] == "run" && jsondecode(aws_ecs_task_definition.run[0].container_definitions)[0].readonlyRootFilesystem
    error_message = "its log is another stream, or its root is writable"
  }
}

run "older_revisions_stay_for_commands_that_still_run" {
  command = plan

  variables {
    platform = merge(var.platform, { run_family = "tandem-dev-run" })
  }

  assert {
    condition     = aws_ecs_task_definition.run[0].skip_destroy && aws_ecs_task_definition.run[0].family == "tandem-dev-run"
    error_message = "Terraform deregisters what may still run"
  }
}

run "a_function_of_128_mib_has_commands_of_512" {
  command = plan

  variables {
    platform = merge(var.platform, { run_family = "tandem-dev-run" })
    release  = merge(var.release, { api = merge(var.release.api, { memory = 128 }) })
  }

  assert {
    condition     = aws_ecs_task_definition.run[0].cpu == "256" && aws_ecs_task_definition.run[0].memory == "512"
    error_message = "Fargate offers no such size, or a smaller one fits"
  }
}

run "a_function_of_600_mib_has_commands_of_1024" {
  command = plan

  variables {
    platform = merge(var.platform, { run_family = "tandem-dev-run" })
    release  = merge(var.release, { api = merge(var.release.api, { memory = 600 }) })
  }

  assert {
    condition     = aws_ecs_task_definition.run[0].cpu == "256" && aws_ecs_task_definition.run[0].memory == "1024"
    error_message = "Fargate offers no such size, or a smaller one fits"
  }
}

run "a_function_of_3008_mib_has_commands_of_3072" {
  command = plan

  variables {
    platform = merge(var.platform, { run_family = "tandem-dev-run" })
    release  = merge(var.release, { api = merge(var.release.api, { memory = 3008 }) })
  }

  assert {
    condition     = aws_ecs_task_definition.run[0].cpu == "512" && aws_ecs_task_definition.run[0].memory == "3072"
    error_message = "Fargate offers no such size, or a smaller one fits"
  }
}

run "a_function_of_10240_mib_has_commands_of_10240" {
  command = plan

  variables {
    platform = merge(var.platform, { run_family = "tandem-dev-run" })
    release  = merge(var.release, { api = merge(var.release.api, { memory = 10240 }) })
  }

  assert {
    condition     = aws_ecs_task_definition.run[0].cpu == "2048" && aws_ecs_task_definition.run[0].memory == "10240"
    error_message = "Fargate offers no such size, or a smaller one fits"
  }
}

run "a_platform_of_older_code_has_no_family_for_commands" {
  command = plan

  assert {
    condition     = length(aws_ecs_task_definition.run) == 0
    error_message = "the release role would be denied to tag the revision"
  }
}
