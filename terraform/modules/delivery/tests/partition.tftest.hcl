mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan

  mock_data "aws_partition" {
    defaults = { partition = "aws-us-gov", dns_suffix = "amazonaws.com" }
  }
}

run "the_pipeline_names_its_resources_in_the_regions_own_partition" {
  command = plan

  assert {
    condition     = local.project_arn == "arn:aws-us-gov:codebuild:${var.region}:${var.account_id}:project/t-prod-delivery" && local.pipeline_arn == "arn:aws-us-gov:codepipeline:${var.region}:${var.account_id}:t-prod-delivery"
    error_message = "project or pipeline are another partition's"
  }

  assert {
    condition     = one([for each in data.aws_iam_policy_document.build.statement : each if each.sid == "PullImage"]).resources == toset(["arn:aws-us-gov:ecr:eu-central-1:123456789012:repository/t/pipeline"])
    error_message = "the image is another partition's"
  }
}
