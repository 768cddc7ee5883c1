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
