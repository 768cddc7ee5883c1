mock_provider "aws" {
  source          = "../mocks"
  override_during = plan

  mock_data "aws_partition" {
    defaults = { partition = "aws-us-gov", dns_suffix = "amazonaws.com" }
  }
}

run "account_function_and_file_system_are_named_in_the_regions_own_partition" {
  command = plan

  variables {
    api_runtime = "fargate"
    api_file_system = {
      id                = "fs-0123456789abcdef0"
      access_point_arn  = "arn:aws-us-gov:elasticfilesystem:us-gov-west-1:123456789012:access-point/fsap-01234567"
      security_group_id = "sg-0a1"
    }
  }

  assert {
    condition     = local.account_root_arn == "arn:aws-us-gov:iam::123456789012:root" && startswith(local.file_system_arn, "arn:aws-us-gov:elasticfilesystem:")
    error_message = "an ARN is another partition's"
  }
}
