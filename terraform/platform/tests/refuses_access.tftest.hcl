mock_provider "aws" {
  source          = "../mocks"
  override_during = plan
}

run "names_that_are_no_description_are_refused" {
  command = plan

  variables {
    egress = { app = { "ümlaut" = { port = 1, cidr = "10.0.0.0/8" } } }
  }

  expect_failures = [var.egress]
}

run "ports_that_do_not_exist_are_refused" {
  command = plan

  variables {
    egress = { app = { x = { port = 70000, cidr = "10.0.0.0/8" } } }
  }

  expect_failures = [var.egress]
}

run "protocols_but_tcp_and_udp_are_refused" {
  command = plan

  variables {
    egress = { app = { x = { port = 1, protocol = "-1", cidr = "10.0.0.0/8" } } }
  }

  expect_failures = [var.egress]
}

run "rules_with_two_destinations_are_refused" {
  command = plan

  variables {
    egress = { app = { x = { port = 1, cidr = "10.0.0.0/8", prefix_list_id = "pl-1" } } }
  }

  expect_failures = [var.egress]
}

run "destinations_that_are_no_range_are_refused" {
  command = plan

  variables {
    egress = { app = { x = { port = 1, cidr = "everywhere" } } }
  }

  expect_failures = [var.egress]
}

run "a_rule_twice_is_refused" {
  command = plan

  variables {
    egress = { app = { x = { port = 1, cidr = "10.0.0.0/8" }, y = { port = 1, to_port = 1, cidr = "10.0.0.0/8" } } }
  }

  expect_failures = [var.egress]
}

run "the_rule_of_https_twice_is_refused" {
  command = plan

  variables {
    api_vpc = true
    egress  = { api = { x = { port = 443, cidr = "0.0.0.0/0" } } }
  }

  expect_failures = [var.egress]
}

run "more_rules_than_a_group_takes_are_refused" {
  command = plan

  variables {
    egress = { app = { for port in range(1, 52) : "p${port}" => { port = port, cidr = "10.0.0.0/8" } } }
  }

  expect_failures = [var.egress]
}

run "rules_for_a_function_outside_the_vpc_are_refused" {
  command = plan

  variables {
    egress = { api = { x = { port = 1, cidr = "10.0.0.0/8" } } }
  }

  expect_failures = [var.egress]
}

run "groups_that_are_none_are_refused" {
  command = plan

  variables {
    security_group_ids = { app = ["default"] }
  }

  expect_failures = [var.security_group_ids]
}

run "more_groups_than_an_interface_has_are_refused" {
  command = plan

  variables {
    security_group_ids = { app = ["sg-1", "sg-2", "sg-3", "sg-4"] }
  }

  expect_failures = [var.security_group_ids]
}

run "groups_for_a_function_outside_the_vpc_are_refused" {
  command = plan

  variables {
    security_group_ids = { api = ["sg-1"] }
  }

  expect_failures = [var.security_group_ids]
}

run "file_systems_that_are_none_are_refused" {
  command = plan

  variables {
    api_runtime     = "fargate"
    api_file_system = { id = "data", access_point_arn = "arn:aws:elasticfilesystem:eu-central-1:123456789012:access-point/fsap-1", security_group_id = "sg-1" }
  }

  expect_failures = [var.api_file_system]
}

run "file_systems_outside_of_mnt_are_refused" {
  command = plan

  variables {
    api_runtime     = "fargate"
    api_file_system = { id = "fs-1", access_point_arn = "arn:aws:elasticfilesystem:eu-central-1:123456789012:access-point/fsap-1", security_group_id = "sg-1", path = "/srv/data" }
  }

  expect_failures = [var.api_file_system]
}

run "file_systems_of_a_function_outside_the_vpc_are_refused" {
  command = plan

  variables {
    api_file_system = { id = "fs-1", access_point_arn = "arn:aws:elasticfilesystem:eu-central-1:123456789012:access-point/fsap-1", security_group_id = "sg-1" }
  }

  expect_failures = [var.api_file_system]
}

run "environment_files_of_a_function_are_refused" {
  command = plan

  variables {
    api_environment_files = ["arn:aws:s3:::shop/api-1.env"]
  }

  expect_failures = [var.api_environment_files]
}

run "two_proxies_for_one_api_are_refused" {
  command = plan

  variables {
    api_vpc          = true
    existing_network = { vpc_id = "vpc-1", public_subnet_ids = ["subnet-1", "subnet-2"], private_subnet_ids = ["subnet-3", "subnet-4"] }
    database_proxy   = { engine = "mysql", instance = "shop", user = "app", security_group_id = "sg-9" }
    database         = { user_arn = "arn:aws:rds-db:eu-central-1:123456789012:dbuser:prx-1/app", security_group_id = "sg-9" }
  }

  expect_failures = [var.database_proxy]
}

run "proxies_for_a_function_outside_the_vpc_are_refused" {
  command = plan

  variables {
    existing_network = { vpc_id = "vpc-1", public_subnet_ids = ["subnet-1", "subnet-2"], private_subnet_ids = ["subnet-3", "subnet-4"] }
    database_proxy   = { engine = "mysql", instance = "shop", user = "app", security_group_id = "sg-9" }
  }

  expect_failures = [var.database_proxy]
}

run "proxies_without_private_subnets_are_refused" {
  command = plan

  variables {
    api_runtime      = "fargate"
    existing_network = { vpc_id = "vpc-1", public_subnet_ids = ["subnet-1", "subnet-2"] }
    database_proxy   = { engine = "mysql", instance = "shop", user = "app", security_group_id = "sg-9" }
  }

  expect_failures = [var.database_proxy]
}

run "commands_elsewhere_are_refused" {
  command = plan

  variables {
    exec = "static"
  }

  expect_failures = [var.exec]
}

run "an_environment_that_is_none_cannot_be_followed" {
  command = plan

  variables {
    follows = "my production"
  }

  expect_failures = [var.follows]
}

run "an_environment_cannot_follow_itself" {
  command = plan

  variables {
    follows = "dev"
  }

  expect_failures = [var.follows]
}
