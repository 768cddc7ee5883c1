mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

variables {
  file_system = { access_point_arn = "arn:aws:elasticfilesystem:eu-central-1:123456789012:access-point/fsap-1", path = "/mnt/data" }
}

run "a_function_in_the_vpc_mounts_the_file_system" {
  command = plan

  variables {
    vpc = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
  }

  assert {
    condition     = one(aws_lambda_function.this.file_system_config).arn == var.file_system.access_point_arn && one(aws_lambda_function.this.file_system_config).local_mount_path == "/mnt/data"
    error_message = "the function mounts another file system"
  }
}

run "a_file_system_outside_the_vpc_is_refused" {
  command = plan

  expect_failures = [var.file_system]
}
