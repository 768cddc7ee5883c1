mock_provider "aws" {
  override_during = plan

  mock_data "aws_availability_zones" {
    defaults = { names = ["eu-central-1a", "eu-central-1b", "eu-central-1c"] }
  }

  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\": \"2012-10-17\", \"Statement\": []}" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/t", id = "t" }
  }
}

variables {
  name                   = "t"
  account_id             = "123456789012"
  repository_arns        = ["arn:aws:ecr:eu-central-1:123456789012:repository/t/app"]
  app_log_group_arn      = "arn:aws:logs:eu-central-1:123456789012:log-group:/t/app"
  api_log_group_arn      = "arn:aws:logs:eu-central-1:123456789012:log-group:/t/api"
  function_log_group_arn = "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/lambda/t-api"
  release = {
    trusted             = ["arn:aws:iam::123456789012:root"]
    state_bucket        = "t-state"
    region              = "eu-central-1"
    cluster_name        = "t"
    service_names       = ["t"]
    families            = ["t"]
    function_name       = "t-api"
    target_group_arns   = ["arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/t-api/1"]
    releases_bucket_arn = "arn:aws:s3:::t-releases"
    records_table_arn   = "arn:aws:dynamodb:eu-central-1:123456789012:table/t-records"
    dashboard_name      = "t"
  }
}

run "an_account_that_is_none_and_a_task_secret_by_wildcard_and_a_function_secret_by_name_and_a_key_that_is_none_and_every_database_user_at_once_and_a_release_role_that_nobody_may_take" {
  command = plan

  variables {
    account_id           = "mine"
    task_secret_arns     = ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:*"]
    function_secret_arns = ["db"]
    secret_kms_key_arns  = ["alias/mine"]
    database_user_arn    = "arn:aws:rds-db:eu-central-1:123456789012:dbuser:*/*"
    release = {
      trusted             = []
      state_bucket        = "t-state"
      region              = "eu-central-1"
      cluster_name        = "t"
      service_names       = ["t"]
      families            = ["t"]
      function_name       = "t-api"
      target_group_arns   = ["arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/t-api/1"]
      releases_bucket_arn = "arn:aws:s3:::t-releases"
      records_table_arn   = "arn:aws:dynamodb:eu-central-1:123456789012:table/t-records"
      dashboard_name      = "t"
    }
  }

  expect_failures = [
    var.account_id,
    var.task_secret_arns,
    var.function_secret_arns,
    var.secret_kms_key_arns,
    var.database_user_arn,
    var.release,
  ]
}

run "a_release_role_for_every_function" {
  command = plan

  variables {
    release = {
      trusted             = ["arn:aws:iam::123456789012:root"]
      state_bucket        = "t-state"
      region              = "eu-central-1"
      cluster_name        = "t"
      service_names       = ["t"]
      families            = ["t"]
      function_name       = "*"
      target_group_arns   = ["arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/t-api/1"]
      releases_bucket_arn = "arn:aws:s3:::t-releases"
      records_table_arn   = "arn:aws:dynamodb:eu-central-1:123456789012:table/t-records"
      dashboard_name      = "t"
    }
  }

  expect_failures = [var.release]
}

run "a_provider_of_ci_that_is_no_oidc_provider" {
  command = plan

  variables {
    release_oidc = {
      "arn:aws:iam::123456789012:role/ci" = { subjects = ["repo:you/site:ref:refs/heads/main"] }
    }
  }

  expect_failures = [var.release_oidc]
}

run "ci_of_anyone" {
  command = plan

  variables {
    release_oidc = {
      "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" = { subjects = ["repo:*"] }
    }
  }

  expect_failures = [var.release_oidc]
}

run "ci_without_a_subject" {
  command = plan

  variables {
    release_oidc = {
      "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" = { subjects = [] }
    }
  }

  expect_failures = [var.release_oidc]
}

run "a_key_that_is_none" {
  command = plan

  variables {
    kms_key_arn = "alias/mine"
  }

  expect_failures = [var.kms_key_arn]
}
