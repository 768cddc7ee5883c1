mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

variables {
  follows = {
    state_bucket    = "t-dev-state-123456789012"
    releases_bucket = "t-dev-releases-123456789012"
    prefix          = "dev/"
    repository_arns = ["arn:aws:ecr:eu-central-1:123456789012:repository/t/dev/app"]
  }
}

run "a_role_that_follows_nothing_reads_no_other_environment" {
  command = plan

  variables {
    follows = null
  }

  assert {
    condition     = length(aws_iam_role_policy.follows) == 0
    error_message = "the release role may read another environment"
  }
}

run "a_role_that_follows_reads_what_runs_there_and_changes_nothing" {
  command = plan

  assert {
    condition = jsonencode([for statement in data.aws_iam_policy_document.follows[0].statement : [sort(statement.actions), sort(statement.resources)]]) == jsonencode([
      [["s3:GetObject"], ["arn:aws:s3:::t-dev-state-123456789012/platform.tfstate"]],
      [["s3:ListBucket"], ["arn:aws:s3:::t-dev-releases-123456789012", "arn:aws:s3:::t-dev-state-123456789012"]],
      [["s3:GetObject"], ["arn:aws:s3:::t-dev-releases-123456789012/dev/*"]],
      [
        ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer", "ecr:ListImages"],
        ["arn:aws:ecr:eu-central-1:123456789012:repository/t/dev/app"],
      ],
    ])
    error_message = "the policy allows something else"
  }

  assert {
    condition     = aws_iam_role_policy.follows[0].role == aws_iam_role.release.id
    error_message = "another role has the rights"
  }
}

run "another_key_is_used_for_reading_from_s3_only" {
  command = plan

  variables {
    follows = {
      state_bucket    = "t-dev-state-123456789012"
      releases_bucket = "t-dev-releases-123456789012"
      prefix          = "dev/"
      repository_arns = []
      kms_key_arn     = "arn:aws:kms:eu-central-1:123456789012:key/1"
    }
  }

  assert {
    condition = one([for each in data.aws_iam_policy_document.follows[0].statement : [each.actions, each.resources, one(each.condition).values] if each.sid == "FollowedKey"]) == [
      toset(["kms:Decrypt"]), toset(["arn:aws:kms:eu-central-1:123456789012:key/1"]), tolist(["s3.eu-central-1.amazonaws.com"]),
    ]
    error_message = "the key may be used otherwise"
  }
}

run "a_prefix_that_other_environments_share_is_refused" {
  command = plan

  variables {
    follows = { state_bucket = "s", releases_bucket = "r", prefix = "dev", repository_arns = [] }
  }

  expect_failures = [var.follows]
}

run "repositories_by_pattern_are_refused" {
  command = plan

  variables {
    follows = { state_bucket = "s", releases_bucket = "r", prefix = "dev/", repository_arns = ["arn:aws:ecr:eu-central-1:123456789012:repository/*"] }
  }

  expect_failures = [var.follows]
}

run "a_key_that_is_none_is_refused" {
  command = plan

  variables {
    follows = { state_bucket = "s", releases_bucket = "r", prefix = "dev/", repository_arns = [], kms_key_arn = "alias/dev" }
  }

  expect_failures = [var.follows]
}
