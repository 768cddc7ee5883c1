mock_provider "aws" {
  source          = "../mocks"
  override_during = plan
}

run "a_release_without_a_number_and_a_ping_of_an_api_that_is_a_service" {
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

run "a_layout_that_is_none_and_provisioned_concurrency_of_an_api_that_is_a_service" {
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

run "a_command_that_serves_on_another_port_and_a_cpu_that_is_none" {
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
