mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "image_tags_role_names_secret_values_and_sizes_beyond_lambdas_limits_are_refused" {
  command = plan

  variables {
    image        = "r/api:latest"
    role_arn     = "t-function"
    architecture = "x86"
    memory       = 64
    timeout      = 901
    secrets      = { DB = "hunter2" }
  }

  expect_failures = [
    var.image,
    var.role_arn,
    var.architecture,
    var.memory,
    var.timeout,
    var.secrets,
  ]
}

run "invalid_keys_vpcs_without_subnets_negative_concurrency_and_canaries_above_100_percent_are_refused" {
  command = plan

  variables {
    kms_key_arn          = "alias/mine"
    vpc                  = { subnet_ids = [], security_group_ids = ["sg-1"] }
    reserved_concurrency = -1
    weights              = { canary_percent = 101 }
  }

  expect_failures = [
    var.kms_key_arn,
    var.vpc,
    var.reserved_concurrency,
    var.weights,
  ]
}

run "unknown_warmth_and_unpublished_stable_versions_are_refused" {
  command = plan

  variables {
    warmth  = "hot"
    weights = { stable_version = "$LATEST", canary_percent = 10 }
  }

  expect_failures = [
    var.warmth,
    var.weights,
  ]
}

run "provisioned_warmth_without_instances_is_refused" {
  command = plan

  variables {
    warmth = "provisioned"
  }

  expect_failures = [var.provisioned_concurrency]
}

run "provisioned_concurrency_that_has_no_room_for_a_second_version_is_refused" {
  command = plan

  variables {
    warmth                  = "provisioned"
    provisioned_concurrency = 6
  }

  expect_failures = [var.provisioned_concurrency]
}
