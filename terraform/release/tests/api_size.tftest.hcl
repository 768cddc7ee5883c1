mock_provider "aws" {
  source          = "../mocks"
  override_during = plan
}

variables {
  platform = merge(var.platform, { api_target_group_arns = { fargate = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/api/1" }, api_runtime = "fargate" })
  release  = merge(var.release, { api = merge(var.release.api, { memory = 3008 }) })
}

run "api_memory_is_rounded_up_to_a_fargate_size_for_512_cpu_units" {
  command = plan

  variables {
    api_cpu = 512
  }

  # The module refuses memory that does not fit.
  assert {
    condition     = output.api_service_name == "tandem-dev-api"
    error_message = "the API has no service"
  }
}

run "api_memory_is_rounded_up_to_a_fargate_size_for_1024_cpu_units" {
  command = plan

  variables {
    api_cpu = 1024
  }

  # The module refuses memory that does not fit.
  assert {
    condition     = output.api_service_name == "tandem-dev-api"
    error_message = "the API has no service"
  }
}

run "api_memory_is_rounded_up_to_a_fargate_size_for_4096_cpu_units" {
  command = plan

  variables {
    api_cpu = 4096
  }

  # The module refuses memory that does not fit.
  assert {
    condition     = output.api_service_name == "tandem-dev-api"
    error_message = "the API has no service"
  }
}

run "api_memory_is_rounded_up_to_a_fargate_size_for_8192_cpu_units" {
  command = plan

  variables {
    api_cpu = 8192
  }

  # The module refuses memory that does not fit.
  assert {
    condition     = output.api_service_name == "tandem-dev-api"
    error_message = "the API has no service"
  }
}

run "api_memory_is_rounded_up_to_a_fargate_size_for_16384_cpu_units" {
  command = plan

  variables {
    api_cpu = 16384
  }

  # The module refuses memory that does not fit.
  assert {
    condition     = output.api_service_name == "tandem-dev-api"
    error_message = "the API has no service"
  }
}

run "the_largest_task_has_its_least_memory_for_any_function" {
  command = plan

  variables {
    api_cpu = 32768
    release = merge(var.release, { api = merge(var.release.api, { memory = 10240 }) })
  }

  # The module refuses memory that does not fit.
  assert {
    condition     = output.api_service_name == "tandem-dev-api"
    error_message = "the API has no service"
  }
}

run "memory_that_does_not_fit_api_cpu_is_refused" {
  command = plan

  variables {
    api_cpu = 256
  }

  expect_failures = [var.api_cpu]
}

run "tmp_is_a_volume_by_default" {
  command = plan

  variables {
    api_cpu = 512
  }

  assert {
    condition     = jsonencode(local.api_container.linuxParameters) == jsonencode({ capabilities = { drop = ["ALL"] }, initProcessEnabled = true }) && local.api_mounts[0].containerPath == "/tmp" && local.api_volumes[0].name == "tmp"
    error_message = "the task definition changed without being asked to"
  }
}

run "tmp_can_be_in_memory" {
  command = plan

  variables {
    api_cpu   = 512
    api_tmpfs = 64
  }

  assert {
    condition     = one(local.api_container.linuxParameters.tmpfs).containerPath == "/tmp" && one(local.api_container.linuxParameters.tmpfs).size == 64
    error_message = "/tmp is not in memory"
  }

  assert {
    condition     = length(local.api_mounts) == 0 && length(local.api_volumes) == 0
    error_message = "the volume for /tmp is still there"
  }
}

run "a_tmp_that_takes_all_memory_is_refused" {
  command = plan

  variables {
    api_cpu   = 512
    api_tmpfs = 1024
  }

  expect_failures = [var.api_tmpfs]
}
