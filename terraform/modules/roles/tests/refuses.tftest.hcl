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
    build_project_arn    = "arn:aws:codebuild:eu-central-1:123456789012:project/*"
    release              = merge(var.release, { trusted = [] })
  }

  expect_failures = [
    var.account_id,
    var.task_secret_arns,
    var.function_secret_arns,
    var.secret_kms_key_arns,
    var.database_user_arn,
    var.build_project_arn,
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

run "more_secrets_than_ten_policies_hold_are_refused" {
  command = plan

  variables {
    task_secret_arns     = [for at in range(16) : "arn:aws:secretsmanager:eu-central-1:123456789012:secret:${format("%0500d", at)}-AbCdEf"]
    function_secret_arns = [for at in range(20) : "arn:aws:secretsmanager:eu-central-1:123456789012:secret:f${format("%0500d", at)}-AbCdEf"]
  }

  expect_failures = [aws_iam_role.release]
}

run "more_keys_than_a_policy_holds_are_refused" {
  command = plan

  variables {
    secret_kms_key_arns = [for at in range(51) : "arn:aws:kms:eu-central-1:123456789012:key/${at}"]
  }

  expect_failures = [var.secret_kms_key_arns]
}

run "a_path_without_slashes_is_refused" {
  command = plan

  variables {
    path = "team"
  }

  expect_failures = [var.path]
}

run "a_boundary_that_is_no_policy_is_refused" {
  command = plan

  variables {
    permissions_boundary = "arn:aws:iam::123456789012:role/bound"
  }

  expect_failures = [var.permissions_boundary]
}

run "a_trust_policy_that_iam_refuses_is_refused" {
  command = plan

  variables {
    release_oidc = {
      "arn:aws:iam::123456789012:oidc-provider/ci.example.org" = { subjects = [for at in range(40) : "repo:you/site:ref:refs/heads/branch-${at}"] }
    }
  }

  expect_failures = [aws_iam_role.release]
}

run "a_prefix_that_other_environments_share_is_refused" {
  command = plan

  variables {
    reads_releases = {
      bucket_arn   = "arn:aws:s3:::t-releases"
      prefix       = "prod"
      table_arn    = "arn:aws:dynamodb:eu-central-1:123456789012:table/t-records"
      function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:t-api"
    }
  }

  expect_failures = [var.reads_releases]
}

run "ci_subjects_that_include_pull_requests_are_refused" {
  command = plan

  variables {
    release_oidc = {
      "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" = { subjects = ["repo:you/site:*"] }
    }
  }

  expect_failures = [var.release_oidc]
}

run "ci_subjects_that_include_pull_requests_are_refused_in_every_form_1" {
  command = plan

  variables {
    release_oidc = {
      "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" = { subjects = ["repo:you/site:?*"] }
    }
  }

  expect_failures = [var.release_oidc]
}

run "ci_subjects_that_include_pull_requests_are_refused_in_every_form_2" {
  command = plan

  variables {
    release_oidc = {
      "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" = { subjects = ["repo:you/site:r*"] }
    }
  }

  expect_failures = [var.release_oidc]
}

run "ci_subjects_that_include_pull_requests_are_refused_in_every_form_3" {
  command = plan

  variables {
    release_oidc = {
      "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" = { subjects = ["repo:you/site:*t"] }
    }
  }

  expect_failures = [var.release_oidc]
}

run "ci_subjects_that_include_pull_requests_are_refused_in_every_form_4" {
  command = plan

  variables {
    release_oidc = {
      "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" = { subjects = ["repo:you/site:ref:refs/pull/1/merge"] }
    }
  }

  expect_failures = [var.release_oidc]
}

run "ci_subjects_that_include_pull_requests_are_refused_in_every_form_5" {
  command = plan

  variables {
    release_oidc = {
      "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" = { subjects = ["repo:you/site:environment:*"] }
    }
  }

  expect_failures = [var.release_oidc]
}

run "ci_subjects_that_include_pull_requests_are_refused_in_every_form_6" {
  command = plan

  variables {
    release_oidc = {
      "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" = { subjects = ["repo:you/site"] }
    }
  }

  expect_failures = [var.release_oidc]
}

run "a_trusted_principal_with_a_wildcard_is_refused" {
  command = plan

  variables {
    release = merge(var.release, { trusted = ["arn:aws:iam::123456789012:role/*"] })
  }

  expect_failures = [var.release]
}
