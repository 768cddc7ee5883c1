mock_provider "aws" {
  source          = "../mocks"
  override_during = plan
}

run "invalid_names_accounts_ports_paths_and_runtimes_are_refused" {
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

run "invalid_splits_ports_and_container_insights_are_refused" {
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

run "large_paths_outside_of_the_api_are_refused" {
  command = plan

  variables {
    api_split       = { lambda = 999, fargate = 1 }
    api_large_paths = ["/exports/*"]
  }

  expect_failures = [var.api_large_paths]
}

run "more_large_paths_than_a_rule_takes_are_refused" {
  command = plan

  variables {
    api_split       = { lambda = 999, fargate = 1 }
    api_large_paths = ["/api/a/*/*", "/api/b/*/*", "/api/c/*/*"]
  }

  expect_failures = [var.api_large_paths]
}

run "large_paths_without_tasks_that_have_traffic_are_refused" {
  command = plan

  variables {
    api_split       = { lambda = 100, fargate = 0 }
    api_large_paths = ["/api/exports/*"]
  }

  expect_failures = [var.api_large_paths]
}

run "stickiness_over_one_week_is_refused" {
  command = plan

  variables {
    stickiness = 604801
  }

  expect_failures = [var.stickiness]
}

run "api_vpc_without_a_function_is_refused" {
  command = plan

  variables {
    api_runtime = "fargate"
    api_vpc     = true
  }

  expect_failures = [var.api_vpc]
}

run "a_database_without_api_vpc_is_refused" {
  command = plan

  variables {
    database = { user_arn = "arn:aws:rds-db:eu-central-1:123456789012:dbuser:prx-1/app", security_group_id = "sg-9" }
  }

  expect_failures = [var.database]
}

run "a_cdn_without_private_subnets_is_refused" {
  command = plan

  variables {
    cdn              = {}
    existing_network = { vpc_id = "vpc-1", public_subnet_ids = ["subnet-1", "subnet-2"] }
  }

  expect_failures = [var.cdn]
}

run "api_shares_whose_sum_is_zero_are_refused" {
  command = plan

  variables {
    api_shares = { lambda = 0 }
  }

  expect_failures = [var.api_shares]
}

run "repositories_of_one_environment_cannot_be_those_of_another" {
  command = plan

  variables {
    repositories_per_environment = true
    create_repositories          = false
  }

  expect_failures = [
    var.repositories_per_environment,
  ]
}

run "a_tag_that_terraform_sets_itself_is_refused" {
  command = plan

  variables {
    tags = { Stack = "another" }
  }

  expect_failures = [var.tags]
}

run "a_tag_of_terraform_in_small_letters_is_refused" {
  command = plan

  variables {
    tags = { environment = "live" }
  }

  expect_failures = [var.tags]
}

run "a_tag_in_two_spellings_is_refused" {
  command = plan

  variables {
    tags = { Owner = "you", owner = "me" }
  }

  expect_failures = [var.tags]
}

run "a_tag_that_aws_refuses_is_refused" {
  command = plan

  variables {
    tags = { "aws:owner" = "me" }
  }

  expect_failures = [var.tags]
}

run "a_site_that_nobody_reaches_is_refused" {
  command = plan

  variables {
    ingress_cidrs = []
  }

  expect_failures = [var.ingress_cidrs]
}

run "an_internal_load_balancer_without_private_subnets_is_refused" {
  command = plan

  variables {
    internal         = true
    existing_network = { vpc_id = "vpc-1", public_subnet_ids = ["subnet-1", "subnet-2"] }
  }

  expect_failures = [var.internal]
}

run "an_internal_load_balancer_in_a_public_zone_is_refused" {
  command = plan

  variables {
    internal = true
    domain   = "www.example.org"
    zone_id  = "Z1"
  }

  expect_failures = [var.internal]
}

run "a_service_with_a_taken_key_is_refused" {
  command = plan

  variables {
    services = { api = { port = 9000 } }
  }

  expect_failures = [var.services]
}

run "a_service_without_a_port_is_refused" {
  command = plan

  variables {
    services = { shop = { port = 0 } }
  }

  expect_failures = [var.services]
}

run "an_environment_that_ends_with_a_hyphen_is_refused" {
  command = plan

  variables {
    environment = "dev-"
  }

  expect_failures = [var.environment]
}

run "a_name_that_load_balancers_may_not_have_is_refused" {
  command = plan

  variables {
    name = "internal"
  }

  expect_failures = [var.name]
}

run "a_name_that_buckets_may_not_have_is_refused" {
  command = plan

  variables {
    name = "sthree-shop"
  }

  expect_failures = [var.name]
}
