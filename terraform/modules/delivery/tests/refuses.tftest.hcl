mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "what_aws_would_refuse_late_is_refused" {
  command = plan

  variables {
    account_id = "mine"
    image      = "pipeline:latest"
    read_token = { secret_arn = "a-token-itself" }
    schedule   = "hourly"
  }

  expect_failures = [
    var.account_id,
    var.image,
    var.read_token,
    var.schedule,
  ]
}

run "a_schedule_that_asks_for_approvals_is_refused" {
  command = plan

  variables {
    approval = true
  }

  expect_failures = [var.schedule]
}

run "repositories_without_the_project_are_refused" {
  command = plan

  variables {
    repositories = { app = { connection_arn = "arn:aws:codeconnections:eu-central-1:123456789012:connection/11111111-2222-3333-4444-555555555555", repository = "you/site" } }
  }

  expect_failures = [var.repositories]
}

run "a_connection_that_is_none_is_refused" {
  command = plan

  variables {
    repositories = {
      project = { connection_arn = "github", repository = "you/release" }
      app     = { connection_arn = "github", repository = "you/site" }
    }
  }

  expect_failures = [var.repositories]
}

run "a_repository_without_its_owner_is_refused" {
  command = plan

  variables {
    repositories = {
      project = { connection_arn = "arn:aws:codeconnections:eu-central-1:123456789012:connection/11111111-2222-3333-4444-555555555555", repository = "release" }
      app     = { connection_arn = "arn:aws:codeconnections:eu-central-1:123456789012:connection/11111111-2222-3333-4444-555555555555", repository = "https://github.com/you/site" }
    }
  }

  expect_failures = [var.repositories]
}

run "more_paths_than_a_trigger_takes_are_refused" {
  command = plan

  variables {
    repositories = {
      project = { connection_arn = "arn:aws:codeconnections:eu-central-1:123456789012:connection/11111111-2222-3333-4444-555555555555", repository = "you/release" }
      app     = { connection_arn = "arn:aws:codeconnections:eu-central-1:123456789012:connection/11111111-2222-3333-4444-555555555555", repository = "you/site", paths = ["a", "b", "c", "d", "e", "f", "g", "h", "i"] }
    }
  }

  expect_failures = [var.repositories]
}

run "a_status_token_that_is_no_secret_is_refused" {
  command = plan

  variables {
    status_token = { secret_arn = "a-token-itself" }
  }

  expect_failures = [var.status_token]
}

run "a_status_at_an_unknown_service_is_refused" {
  command = plan

  variables {
    status_token = { secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:status-AbCdEf", service = "bitbucket" }
  }

  expect_failures = [var.status_token]
}

run "a_token_does_not_go_over_plain_http" {
  command = plan

  variables {
    status_token = { secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:status-AbCdEf", server = "http://git.example.org" }
  }

  expect_failures = [var.status_token]
}

run "addresses_that_are_none_and_retentions_that_cloudwatch_lacks_are_refused" {
  command = plan

  variables {
    emails         = ["team"]
    retention_days = 31
  }

  expect_failures = [
    var.emails,
    var.retention_days,
  ]
}
