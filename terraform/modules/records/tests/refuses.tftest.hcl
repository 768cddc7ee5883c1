mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "invalid_accounts_and_keys_are_refused" {
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
