mock_provider "aws" {
  override_during = plan

  mock_data "aws_availability_zones" {
    defaults = { names = ["eu-central-1a", "eu-central-1b", "eu-central-1c"] }
  }

  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\": \"2012-10-17\", \"Statement\": []}" }
  }

  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-central-1:123456789012:t" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:123456789012:log-group:t" }
  }
}

variables {
  name          = "t"
  log_groups    = { app = "/t/app" }
  cluster_arn   = "arn:aws:ecs:eu-central-1:123456789012:cluster/t"
  load_balancer = "app/t/1"
  targets       = { app = { suffix = "targetgroup/app/1" }, api = { suffix = "targetgroup/api/1", hosts = false } }
  function      = { name = "t-api", timeout = 10, concurrency = 10 }
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
