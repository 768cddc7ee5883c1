mock_provider "aws" {
  source          = "../mocks"
  override_during = plan
}

run "a_release_without_a_number_and_a_ping_of_api_tasks_are_refused" {
  command = plan

  variables {
    release    = merge(var.release, { number = 0 })
    platform   = merge(var.platform, { api_target_group_arns = { fargate = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/api/1" }, api_runtime = "fargate" })
    api_warmth = "ping"
  }

  expect_failures = [
    var.release,
    var.api_warmth,
  ]
}

run "unknown_layouts_and_provisioned_concurrency_of_api_tasks_are_refused" {
  command = plan

  variables {
    release                     = merge(var.release, { layout = "sandwich" })
    platform                    = merge(var.platform, { api_target_group_arns = { fargate = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/api/1" }, api_runtime = "fargate" })
    api_provisioned_concurrency = 2
  }

  expect_failures = [
    var.release,
    var.api_provisioned_concurrency,
  ]
}

run "a_command_for_another_port_and_an_unknown_cpu_size_are_refused" {
  command = plan

  variables {
    platform    = merge(var.platform, { api_target_group_arns = { fargate = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/api/1" }, api_runtime = "fargate" })
    api_command = ["serve", "--port", "9000"]
    api_cpu     = 300
  }

  expect_failures = [
    var.api_command,
    var.api_cpu,
  ]
}
