mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "invalid_keys_and_keeping_fewer_than_50_images_are_refused" {
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

run "functions_of_an_unknown_repository_are_refused" {
  command = plan

  variables {
    functions = { other = "arn:aws:lambda:eu-central-1:123456789012:function:t-api" }
  }

  expect_failures = [var.functions]
}

run "function_patterns_that_match_every_function_are_refused" {
  command = plan

  variables {
    functions = { app = "arn:aws:lambda:eu-central-1:123456789012:function:*" }
  }

  expect_failures = [var.functions]
}
