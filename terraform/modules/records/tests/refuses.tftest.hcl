mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
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
