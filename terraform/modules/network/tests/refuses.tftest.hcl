mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "invalid_vpc_ids_and_ranges_too_small_for_the_subnets_are_refused" {
  command = plan

  variables {
    existing = { vpc_id = "my-vpc", public_subnet_ids = ["subnet-1", "subnet-2"] }
    cidr     = "10.0.0.0/24"
  }

  expect_failures = [
    var.existing,
    var.cidr,
  ]
}

run "an_existing_vpc_with_one_public_subnet_is_refused" {
  command = plan

  variables {
    existing = { vpc_id = "vpc-1", public_subnet_ids = ["subnet-1"] }
  }

  expect_failures = [var.existing]
}

run "four_zones_are_refused" {
  command = plan

  variables {
    zones = 4
  }

  expect_failures = [var.zones]
}

run "fewer_zones_than_subnet_ranges_are_refused" {
  command = plan

  variables {
    subnet_cidrs = { public = ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"], private = ["10.0.8.0/24", "10.0.9.0/24"] }
  }

  expect_failures = [var.subnet_cidrs]
}

run "fewer_subnet_ranges_than_zones_are_refused" {
  command = plan

  variables {
    subnet_cidrs = { public = ["10.0.0.0/24", "10.0.1.0/24"], private = ["10.0.8.0/24"] }
  }

  expect_failures = [var.subnet_cidrs]
}

run "an_unknown_value_of_nat_is_refused" {
  command = plan

  variables {
    nat = "some"
  }

  expect_failures = [var.nat]
}

run "an_existing_vpc_with_one_public_subnet_twice_is_refused" {
  command = plan

  variables {
    existing = { vpc_id = "vpc-1", public_subnet_ids = ["subnet-1", "subnet-1"] }
  }

  expect_failures = [var.existing]
}

run "nat_in_an_existing_vpc_is_refused" {
  command = plan

  variables {
    nat      = "single"
    existing = { vpc_id = "vpc-1", public_subnet_ids = ["subnet-1", "subnet-2"], private_subnet_ids = ["subnet-3"], private_route_table_ids = ["rtb-1"] }
  }

  expect_failures = [var.nat]
}

run "endpoints_without_private_subnets_are_refused" {
  command = plan

  variables {
    endpoints = true
    existing  = { vpc_id = "vpc-1", public_subnet_ids = ["subnet-1", "subnet-2"] }
  }

  expect_failures = [var.endpoints]
}

run "a_retention_that_cloudwatch_does_not_offer_is_refused" {
  command = plan

  variables {
    flow_logs = 31
  }

  expect_failures = [var.flow_logs]
}

run "flow_logs_in_an_existing_vpc_are_refused" {
  command = plan

  variables {
    flow_logs = 30
    existing  = { vpc_id = "vpc-1", public_subnet_ids = ["subnet-1", "subnet-2"], private_subnet_ids = ["subnet-3"], private_route_table_ids = ["rtb-1"] }
  }

  expect_failures = [var.flow_logs]
}

run "a_zone_for_each_of_the_zones_is_named" {
  command = plan

  variables {
    zone_names = ["eu-central-1a"]
  }

  expect_failures = [var.zone_names]
}

run "a_single_zone_cannot_be_used" {
  command = plan

  variables {
    used_zones = 1
  }

  expect_failures = [var.used_zones]
}
