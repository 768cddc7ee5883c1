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

  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::t-releases-123456789012", id = "t-releases-123456789012" }
  }
}

variables {
  name       = "t"
  account_id = "123456789012"
}

run "an_account_that_is_none_and_a_key_that_is_none" {
  command = plan

  variables {
    account_id  = "mine"
    kms_key_arn = "alias/mine"
  }

  expect_failures = [
    var.account_id,
    var.kms_key_arn,
  ]
}
