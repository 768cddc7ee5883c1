mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan

  mock_data "aws_partition" {
    defaults = { partition = "aws-cn", dns_suffix = "amazonaws.com.cn" }
  }
}

run "the_database_user_is_named_in_the_regions_own_partition" {
  command = plan

  variables {
    kms_key_arn = "arn:aws-cn:kms:cn-north-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  }

  assert {
    condition     = output.user_arn == "arn:aws-cn:rds-db:eu-central-1:123456789012:dbuser:prx-0123456789abcdef0/app"
    error_message = "the user is another partition's"
  }

  assert {
    condition     = one(data.aws_iam_policy_document.proxy.statement[1].condition).values == tolist(["secretsmanager.eu-central-1.amazonaws.com.cn"])
    error_message = "the key may be used through another partition's host name"
  }
}
