mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "nobody_reads_the_releases_unless_asked_for" {
  command = plan

  assert {
    condition     = length(aws_iam_role_policy.reads_releases) == 0
    error_message = "a role may read the releases"
  }
}

run "the_api_may_read_the_releases_of_its_environment_and_change_nothing" {
  command = plan

  variables {
    reads_releases = {
      bucket_arn   = "arn:aws:s3:::t-releases"
      prefix       = "prod/"
      table_arn    = "arn:aws:dynamodb:eu-central-1:123456789012:table/t-records"
      function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:t-api"
    }
  }

  assert {
    condition     = jsonencode(keys(aws_iam_role_policy.reads_releases)) == jsonencode(["api_task", "function"])
    error_message = "other roles may read the releases"
  }

  assert {
    condition = jsonencode([for statement in data.aws_iam_policy_document.reads_releases[0].statement : [sort(statement.actions), sort(statement.resources)]]) == jsonencode([
      [["s3:ListBucket"], ["arn:aws:s3:::t-releases"]],
      [["s3:GetObject"], ["arn:aws:s3:::t-releases/prod/*"]],
      [["dynamodb:Query"], ["arn:aws:dynamodb:eu-central-1:123456789012:table/t-records"]],
      [["elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth"], ["*"]],
      [["lambda:GetAlias"], ["arn:aws:lambda:eu-central-1:123456789012:function:t-api"]],
    ])
    error_message = "the policy allows something else"
  }

  assert {
    condition     = jsonencode(one(data.aws_iam_policy_document.reads_releases[0].statement[0].condition).values) == jsonencode(["prod/*"])
    error_message = "keys of other environments may be listed"
  }
}
