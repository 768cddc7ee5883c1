mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "an_account_that_is_none_and_a_task_secret_by_wildcard_and_a_function_secret_by_name_and_a_key_that_is_none_and_every_database_user_at_once_and_a_release_role_that_nobody_may_take" {
  command = plan

  variables {
    account_id           = "mine"
    task_secret_arns     = ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:*"]
    function_secret_arns = ["db"]
    secret_kms_key_arns  = ["alias/mine"]
    database_user_arn    = "arn:aws:rds-db:eu-central-1:123456789012:dbuser:*/*"
    release              = merge(var.release, { trusted = [] })
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
    release = merge(var.release, { function_name = "*" })
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
