mock_provider "aws" {
  source          = "../mocks"
  override_during = plan
}

variables {
  fargate = { api_target_group_arns = { fargate = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/api/1" }, api_runtime = "fargate" }
}

run "tasks_have_the_platforms_groups_and_roles" {
  command = plan

  variables {
    platform = merge(var.platform, var.fargate, {
      service_security_group_ids  = ["sg-1", "sg-2"]
      api_task_security_group_ids = ["sg-1", "sg-3"]
      api_task_role_arn           = "arn:aws:iam::123456789012:role/api-task"
    })
  }

  assert {
    condition     = module.service.security_group_ids == toset(["sg-1", "sg-2"]) && module.api_task[0].security_group_ids == toset(["sg-1", "sg-3"])
    error_message = "the tasks have other groups"
  }

  assert {
    condition     = module.api_task[0].task_role_arn == "arn:aws:iam::123456789012:role/api-task"
    error_message = "the API's tasks have another role"
  }
}

run "tasks_read_the_apis_environment_files" {
  command = plan

  variables {
    platform = merge(var.platform, var.fargate)
    release  = merge(var.release, { api = merge(var.release.api, { environment_files = ["arn:aws:s3:::shop/api-1.env"] }) })
  }

  assert {
    condition     = one(local.api_container.environmentFiles) == { type = "s3", value = "arn:aws:s3:::shop/api-1.env" }
    error_message = "the container reads other files"
  }
}

run "a_platform_that_is_not_applied_again_still_runs_tasks" {
  command = plan

  variables {
    platform = merge(var.platform, var.fargate)
  }

  assert {
    condition     = module.api_task[0].security_group_ids == toset(["sg-1"]) && module.api_task[0].task_role_arn == var.platform.task_role_arn
    error_message = "the tasks lack the platform's group or role"
  }
}

run "tasks_mount_the_apis_file_system" {
  command = plan

  variables {
    platform = merge(var.platform, var.fargate, {
      api_file_system = { id = "fs-1", access_point_arn = "arn:aws:elasticfilesystem:eu-central-1:123456789012:access-point/fsap-1", path = "/mnt/data", read_only = true }
    })
  }

  assert {
    condition     = local.api_container.mountPoints[1] == { sourceVolume = "files", containerPath = "/mnt/data", readOnly = true }
    error_message = "the container mounts another folder, or may write"
  }

  assert {
    condition     = local.api_volumes[1] == { name = "files", efs = { file_system_id = "fs-1", access_point_id = "fsap-1" } }
    error_message = "the volume is another file system"
  }
}

run "a_function_mounts_the_apis_file_system" {
  command = plan

  variables {
    platform = merge(var.platform, {
      function_subnet_ids         = ["subnet-1"]
      function_security_group_ids = ["sg-1"]
      api_file_system             = { id = "fs-1", access_point_arn = "arn:aws:elasticfilesystem:eu-central-1:123456789012:access-point/fsap-1", path = "/mnt/data", read_only = true }
    })
  }

  assert {
    condition     = module.api[0].file_system_path == "/mnt/data"
    error_message = "the function mounts another file system"
  }
}

run "the_api_is_told_its_database_on_both_runtimes" {
  command = plan

  variables {
    platform = merge(var.platform, { database = { host = "db.example.org", port = 3306, user = "app" } })
    release  = merge(var.release, { api = merge(var.release.api, { environment = { DATABASE_USER = "mine" } }) })
  }

  assert {
    condition     = local.api_environment == tomap({ DATABASE_HOST = "db.example.org", DATABASE_PORT = "3306", DATABASE_USER = "mine" })
    error_message = "the API looks elsewhere, or tandem.toml's variable is lost"
  }

  assert {
    condition     = tomap({ for variable in local.api_container.environment : variable.name => variable.value }) == local.api_environment && module.api[0].environment["DATABASE_HOST"] == "db.example.org"
    error_message = "a runtime lacks the variables"
  }
}

run "commands_may_be_run_in_the_apis_tasks_only" {
  command = plan

  variables {
    platform = merge(var.platform, var.fargate, { exec = { app = false, api = true } })
  }

  assert {
    condition     = module.api_task[0].exec && !module.service.exec && !local.api_container.readonlyRootFilesystem
    error_message = "ECS Exec is off in the API, or on in the app"
  }
}

run "nobody_runs_commands_in_tasks_by_default" {
  command = plan

  variables {
    platform = merge(var.platform, var.fargate)
  }

  assert {
    condition     = !module.api_task[0].exec && !module.service.exec && local.api_container.readonlyRootFilesystem
    error_message = "ECS Exec is on"
  }
}
