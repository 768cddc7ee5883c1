mock_provider "aws" {
  source          = "../mocks"
  override_during = plan
}

run "a_name_with_capitals_and_an_environment_that_is_a_sentence_and_an_account_that_is_none_and_a_port_beyond_the_last_and_an_api_path_that_ends_with_a_slash_and_an_unknown_runtime" {
  command = plan

  variables {
    name        = "Tandem"
    environment = "my production"
    account_id  = "mine"
    app_port    = 65536
    api_path    = "/api/"
    api_runtime = "ec2"
  }

  expect_failures = [
    var.name,
    var.environment,
    var.account_id,
    var.app_port,
    var.api_path,
    var.api_runtime,
  ]
}

run "a_split_with_a_third_and_an_api_port_of_none_and_an_unknown_depth_of_insight" {
  command = plan

  variables {
    api_split          = { lambda = 50, fargate = 40, ec2 = 10 }
    api_port           = 0
    container_insights = "all"
  }

  expect_failures = [
    var.api_split,
    var.api_port,
    var.container_insights,
  ]
}

run "stickiness_of_more_than_a_week" {
  command = plan

  variables {
    stickiness = 604801
  }

  expect_failures = [var.stickiness]
}

run "a_vpc_for_a_function_that_is_a_service" {
  command = plan

  variables {
    api_runtime = "fargate"
    api_vpc     = true
  }

  expect_failures = [var.api_vpc]
}

run "a_database_out_of_reach" {
  command = plan

  variables {
    database = { user_arn = "arn:aws:rds-db:eu-central-1:123456789012:dbuser:prx-1/app", security_group_id = "sg-9" }
  }

  expect_failures = [var.database]
}

run "a_cdn_without_private_subnets" {
  command = plan

  variables {
    cdn              = {}
    existing_network = { vpc_id = "vpc-1", public_subnet_ids = ["subnet-1", "subnet-2"] }
  }

  expect_failures = [var.cdn]
}

run "no_traffic_at_all" {
  command = plan

  variables {
    api_shares = { lambda = 0 }
  }

  expect_failures = [var.api_shares]
}
