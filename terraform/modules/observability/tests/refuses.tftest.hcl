mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "a_retention_that_cloudwatch_does_not_know_and_a_key_that_is_none_and_an_address_that_is_none_and_a_latency_of_nothing_and_an_error_share_above_all_and_a_function_without_limits" {
  command = plan

  variables {
    retention_days = 31
    kms_key_arn    = "alias/mine"
    emails         = ["the team"]
    targets        = { app = { suffix = "targetgroup/app/1", latency = 0 } }
    error_percent  = 101
    function       = { name = "t-api", timeout = 0, concurrency = 10 }
  }

  expect_failures = [
    var.retention_days,
    var.kms_key_arn,
    var.emails,
    var.targets,
    var.error_percent,
    var.function,
  ]
}
