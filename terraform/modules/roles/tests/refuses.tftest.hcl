mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "invalid_accounts_arns_and_wildcards_and_a_release_role_without_principals_are_refused" {
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

run "a_release_role_for_functions_by_wildcard_is_refused" {
  command = plan

  variables {
    release = merge(var.release, { function_name = "*" })
  }

  expect_failures = [var.release]
}

run "a_ci_provider_that_is_not_an_oidc_provider_is_refused" {
  command = plan

  variables {
    release_oidc = {
      "arn:aws:iam::123456789012:role/ci" = { subjects = ["repo:you/site:ref:refs/heads/main"] }
    }
  }

  expect_failures = [var.release_oidc]
}

run "ci_subjects_that_match_any_owner_are_refused" {
  command = plan

  variables {
    release_oidc = {
      "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" = { subjects = ["repo:*"] }
    }
  }

  expect_failures = [var.release_oidc]
}

run "ci_without_a_subject_is_refused" {
  command = plan

  variables {
    release_oidc = {
      "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" = { subjects = [] }
    }
  }

  expect_failures = [var.release_oidc]
}

run "an_invalid_key_is_refused" {
  command = plan

  variables {
    kms_key_arn = "alias/mine"
  }

  expect_failures = [var.kms_key_arn]
}
