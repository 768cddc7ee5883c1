mock_provider "aws" {
  source          = "../mocks"
  override_during = plan
}

run "a_release_has_a_function_version_and_a_dashboard" {
  command = plan

  assert {
    condition     = output.release_number == 7 && output.function_version == "8" && output.dashboard_name == "tandem-dev"
    error_message = "release number, function version or dashboard is wrong"
  }
}

run "the_service_has_the_platforms_name" {
  command = plan

  assert {
    condition     = module.service.service_name == "tandem-dev"
    error_message = "the service has another name"
  }
}

run "the_api_runs_as_a_service_instead_of_a_function" {
  command = plan

  variables {
    platform = merge(var.platform, { api_target_group_arns = { fargate = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/api/1" }, api_runtime = "fargate" })
  }

  assert {
    condition     = output.function_name == null && output.api_service_name == "tandem-dev-api"
    error_message = "the API has a function or no service"
  }
}

run "the_api_keeps_idle_connections_longer_than_the_load_balancer" {
  command = plan

  assert {
    condition     = slice(local.api_container.command, length(local.api_container.command) - 2, length(local.api_container.command)) == tolist(["--timeout-keep-alive", "75"])
    error_message = "uvicorn closes idle connections before the load balancer does"
  }
}

run "a_release_without_an_api_has_neither_function_nor_tasks_of_it" {
  command = plan

  variables {
    platform = merge(var.platform, { api_target_group_arns = {}, target_group_arn_suffixes = { app = "targetgroup/app/1" }, run_family = "tandem-dev-run" })
    release  = { for key, value in var.release : key => value if key != "api" }
  }

  assert {
    condition     = output.function_name == null && output.api_service_name == null && length(aws_ecs_task_definition.run) == 0
    error_message = "the API has a function, a service or a task definition"
  }

  assert {
    condition     = module.service.service_name == "tandem-dev"
    error_message = "the site has no service"
  }
}
