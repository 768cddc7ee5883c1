mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "other_engines_ports_users_and_secrets_are_refused" {
  command = plan

  variables {
    subnet_ids              = ["subnet-1"]
    engine                  = "oracle"
    cluster                 = "shop"
    user                    = "*"
    database_port           = 443
    secret_arn              = "password"
    max_connections_percent = 0
    idle_client_timeout     = 86400
    recovery_days           = 3
  }

  expect_failures = [
    var.subnet_ids,
    var.engine,
    var.instance,
    var.user,
    var.database_port,
    var.secret_arn,
    var.max_connections_percent,
    var.idle_client_timeout,
    var.recovery_days,
  ]
}

run "keys_that_are_none_are_refused" {
  command = plan

  variables {
    secret_kms_key_arns = ["alias/mine"]
  }

  expect_failures = [var.secret_kms_key_arns]
}

run "a_name_with_two_hyphens_in_a_row_is_refused" {
  command = plan

  variables {
    name = "shop--dev"
  }

  expect_failures = [var.name]
}
