mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan

  mock_data "aws_region" {
    defaults = { id = "cn-north-1", name = "cn-north-1" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws-cn", dns_suffix = "amazonaws.com.cn", reverse_dns_prefix = "cn.com.amazonaws" }
  }
}

run "endpoints_have_chinas_names" {
  command = plan

  variables {
    endpoints = true
  }

  assert {
    condition     = aws_vpc_endpoint.interface["ecr.dkr"].service_name == "cn.com.amazonaws.cn-north-1.ecr.dkr" && aws_vpc_endpoint.interface["ecr.api"].service_name == "cn.com.amazonaws.cn-north-1.ecr.api"
    error_message = "ECR's endpoints have another region's prefix"
  }

  assert {
    condition     = aws_vpc_endpoint.interface["logs"].service_name == "com.amazonaws.cn-north-1.logs" && aws_vpc_endpoint.s3[0].service_name == "com.amazonaws.cn-north-1.s3"
    error_message = "another endpoint has ECR's prefix"
  }
}
