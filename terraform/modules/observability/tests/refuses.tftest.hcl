mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "invalid_retentions_keys_addresses_thresholds_and_limits_are_refused" {
  command = plan

  variables {
    retention_days  = 31
    kms_key_arn     = "alias/mine"
    emails          = ["the team"]
    targets         = { app = { suffix = "targetgroup/app/1", latency = 0 } }
    error_percent   = 101
    balancer_errors = -1
    function        = { name = "t-api", timeout = 0, concurrency = 10 }
  }

  expect_failures = [
    var.retention_days,
    var.kms_key_arn,
    var.emails,
    var.targets,
    var.error_percent,
    var.balancer_errors,
    var.function,
  ]
}
