mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
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
