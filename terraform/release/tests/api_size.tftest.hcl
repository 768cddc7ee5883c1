mock_provider "aws" {
  source          = "../mocks"
  override_during = plan
}

variables {
  platform = merge(var.platform, { api_target_group_arns = { fargate = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/api/1" }, api_runtime = "fargate" })
  release  = merge(var.release, { api = merge(var.release.api, { memory = 3008 }) })
}

run "a_functions_memory_becomes_what_fargate_takes_with_512" {
  command = plan

  variables {
    api_cpu = 512
  }

  # Memory that does not fit is refused by the module.
  assert {
    condition     = output.api_service_name == "tandem-dev-api"
    error_message = "planned"
  }
}

run "a_functions_memory_becomes_what_fargate_takes_with_1024" {
  command = plan

  variables {
    api_cpu = 1024
  }

  # Memory that does not fit is refused by the module.
  assert {
    condition     = output.api_service_name == "tandem-dev-api"
    error_message = "planned"
  }
}

run "a_functions_memory_becomes_what_fargate_takes_with_4096" {
  command = plan

  variables {
    api_cpu = 4096
  }

  # Memory that does not fit is refused by the module.
  assert {
    condition     = output.api_service_name == "tandem-dev-api"
    error_message = "planned"
  }
}

run "a_functions_memory_becomes_what_fargate_takes_with_8192" {
  command = plan

  variables {
    api_cpu = 8192
  }

  # Memory that does not fit is refused by the module.
  assert {
    condition     = output.api_service_name == "tandem-dev-api"
    error_message = "planned"
  }
}

run "a_functions_memory_becomes_what_fargate_takes_with_16384" {
  command = plan

  variables {
    api_cpu = 16384
  }

  # Memory that does not fit is refused by the module.
  assert {
    condition     = output.api_service_name == "tandem-dev-api"
    error_message = "planned"
  }
}

run "memory_that_the_cpu_does_not_take" {
  command = plan

  variables {
    api_cpu = 256
  }

  expect_failures = [var.api_cpu]
}
