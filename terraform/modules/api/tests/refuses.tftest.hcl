mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "an_image_by_tag_and_a_role_by_name_and_an_architecture_that_is_none_and_memory_below_lambdas_least_and_a_timeout_beyond_lambdas_longest_and_a_secret_by_value" {
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

run "a_key_that_is_none_and_a_vpc_without_subnets_and_a_concurrency_that_refuses_everybody_and_a_canary_of_more_than_all" {
  command = plan

  variables {
    kms_key_arn          = "alias/mine"
    vpc                  = { subnet_ids = [], security_group_ids = ["sg-1"] }
    reserved_concurrency = 0
    weights              = { canary_percent = 101 }
  }

  expect_failures = [
    var.kms_key_arn,
    var.vpc,
    var.reserved_concurrency,
    var.weights,
  ]
}

run "an_unknown_kind_of_warmth_and_a_stable_version_that_is_none" {
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

run "provisioned_warmth_of_nothing" {
  command = plan

  variables {
    warmth = "provisioned"
  }

  expect_failures = [var.provisioned_concurrency]
}

run "more_provisioned_than_reserved" {
  command = plan

  variables {
    warmth                  = "provisioned"
    provisioned_concurrency = 11
  }

  expect_failures = [var.provisioned_concurrency]
}
