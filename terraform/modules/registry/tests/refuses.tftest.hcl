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

  mock_resource "aws_ecr_repository" {
    defaults = { arn = "arn:aws:ecr:eu-central-1:123456789012:repository/t/app", repository_url = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/t/app", name = "t/app", id = "t/app" }
  }
}

variables {
  repositories = { app = "t/app" }
}

run "a_key_that_is_none_and_keeping_next_to_nothing" {
  command = plan

  variables {
    kms_key_arn = "alias/mine"
    keep        = 10
  }

  expect_failures = [
    var.kms_key_arn,
    var.keep,
  ]
}

run "functions_of_a_repository_that_is_none" {
  command = plan

  variables {
    functions = { other = "arn:aws:lambda:eu-central-1:123456789012:function:t-api" }
  }

  expect_failures = [var.functions]
}

run "functions_of_everybody" {
  command = plan

  variables {
    functions = { app = "arn:aws:lambda:eu-central-1:123456789012:function:*" }
  }

  expect_failures = [var.functions]
}
