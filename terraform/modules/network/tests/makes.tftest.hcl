mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "two_zones_have_a_public_and_a_private_subnet_each" {
  command = plan

  assert {
    condition     = length(aws_subnet.public) == 2 && length(aws_subnet.private) == 2
    error_message = "there are not two subnets of each kind"
  }

  assert {
    condition     = aws_subnet.public["0"].cidr_block == "10.0.0.0/20" && aws_subnet.private["1"].cidr_block == "10.0.144.0/20"
    error_message = "the subnets are not sixteenths of the VPC's range"
  }
}

run "three_zones_have_three_subnets_of_each_kind" {
  command = plan

  variables {
    zones = 3
  }

  assert {
    condition     = length(aws_subnet.public) == 3 && length(aws_subnet.private) == 3
    error_message = "there are not three subnets of each kind"
  }
}

run "without_nat_there_is_no_gateway_and_no_route_to_one" {
  command = plan

  assert {
    condition     = length(aws_nat_gateway.this) == 0 && length(aws_eip.nat) == 0 && length(aws_route.nat) == 0
    error_message = "there is a NAT gateway, address or route"
  }
}

run "a_single_nat_serves_all_zones" {
  command = plan

  variables {
    nat = "single"
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 1 && length(aws_route.nat) == 2
    error_message = "there is not one gateway with a route for each zone"
  }
}

run "a_nat_per_zone_survives_the_loss_of_one" {
  command = plan

  variables {
    nat   = "per_zone"
    zones = 3
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 3 && length(aws_route.nat) == 3
    error_message = "there is not one gateway and route for each zone"
  }
}

run "public_subnets_assign_no_public_ip_by_default" {
  command = plan

  assert {
    condition     = alltrue([for subnet in aws_subnet.public : subnet.map_public_ip_on_launch != true])
    error_message = "a public subnet assigns public IP addresses"
  }
}

run "endpoints_let_tasks_pull_and_log_without_nat" {
  command = plan

  variables {
    endpoints = true
  }

  assert {
    condition     = toset(keys(aws_vpc_endpoint.interface)) == toset(["ecr.api", "ecr.dkr", "logs", "secretsmanager", "ssm"])
    error_message = "an endpoint that a task's start needs is missing"
  }

  assert {
    condition     = aws_vpc_endpoint.s3[0].vpc_endpoint_type == "Gateway"
    error_message = "S3 has no gateway endpoint"
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.endpoint[0].cidr_ipv4 == "10.0.0.0/16" && aws_vpc_security_group_ingress_rule.endpoint[0].from_port == 443
    error_message = "the endpoints are open to other addresses or ports"
  }
}

run "flow_logs_record_all_traffic" {
  command = plan

  variables {
    flow_logs = 30
  }

  assert {
    condition     = aws_flow_log.this[0].traffic_type == "ALL" && aws_cloudwatch_log_group.flow[0].retention_in_days == 30
    error_message = "the flow log omits traffic or expires after another time"
  }
}

run "an_existing_vpc_is_not_changed" {
  command = plan

  variables {
    existing = { vpc_id = "vpc-1", public_subnet_ids = ["subnet-1", "subnet-2"], private_subnet_ids = ["subnet-3"], private_route_table_ids = ["rtb-1"] }
  }

  assert {
    condition     = length(aws_vpc.this) == 0 && length(aws_subnet.public) == 0 && length(aws_internet_gateway.this) == 0
    error_message = "a network resource is created"
  }

  assert {
    condition     = output.vpc_id == "vpc-1" && output.private_subnet_ids == tolist(["subnet-3"])
    error_message = "the outputs are not the existing IDs"
  }
}

run "subnets_have_the_given_ranges" {
  command = plan

  variables {
    subnet_cidrs = { public = ["10.0.0.0/24", "10.0.1.0/24"], private = ["10.0.8.0/24", "10.0.9.0/24"] }
  }

  assert {
    condition     = aws_subnet.public["1"].cidr_block == "10.0.1.0/24" && aws_subnet.private["0"].cidr_block == "10.0.8.0/24"
    error_message = "the subnets have other ranges"
  }
}

run "only_this_accounts_flow_logs_take_the_role_and_find_their_log_group" {
  command = plan

  variables {
    flow_logs = 30
  }

  assert {
    condition     = one(data.aws_iam_policy_document.flow_trust[0].statement[0].condition).variable == "aws:SourceAccount" && one(data.aws_iam_policy_document.flow_trust[0].statement[0].condition).values == tolist(["123456789012"])
    error_message = "another account's flow logs may take the role"
  }

  assert {
    condition     = data.aws_iam_policy_document.flow[0].statement[1].actions == toset(["logs:DescribeLogGroups"]) && data.aws_iam_policy_document.flow[0].statement[1].resources == toset(["*"])
    error_message = "the role cannot describe log groups"
  }
}

run "the_default_security_group_has_no_rule" {
  command = plan

  assert {
    condition     = length(aws_default_security_group.this) == 1 && length(coalesce(aws_default_security_group.this[0].ingress, toset([]))) == 0 && length(coalesce(aws_default_security_group.this[0].egress, toset([]))) == 0
    error_message = "the default security group allows traffic"
  }
}

run "the_flow_logs_role_has_path_and_boundary" {
  command = plan

  variables {
    flow_logs            = 7
    role_path            = "/team/"
    permissions_boundary = "arn:aws:iam::123456789012:policy/bound"
  }

  assert {
    condition     = aws_iam_role.flow[0].path == "/team/" && aws_iam_role.flow[0].permissions_boundary == var.permissions_boundary
    error_message = "the role has another path, or no boundary"
  }
}

run "zones_without_fargate_are_left_out" {
  command = plan

  assert {
    condition     = data.aws_availability_zones.available[0].exclude_zone_ids == toset(["apne1-az3", "cac1-az3", "cnn1-az3", "usw1-az2"])
    error_message = "a zone without Fargate may be chosen"
  }
}

run "zones_may_be_named" {
  command = plan

  variables {
    zone_names = ["eu-central-1c", "eu-central-1a"]
  }

  assert {
    condition     = { for key, subnet in aws_subnet.private : key => subnet.availability_zone } == { "0" = "eu-central-1c", "1" = "eu-central-1a" }
    error_message = "the subnets are in other zones"
  }
}

run "a_zone_is_left_before_it_is_removed" {
  command = plan

  variables {
    zones      = 3
    used_zones = 2
  }

  assert {
    condition     = length(aws_subnet.private) == 3 && length(output.private_subnet_ids) == 2 && length(output.public_subnet_ids) == 2
    error_message = "the third zone is used, or gone"
  }
}

run "layers_pass_no_nat_gateway" {
  command = plan

  assert {
    condition     = aws_vpc_endpoint.s3[0].vpc_endpoint_type == "Gateway" && length(aws_vpc_endpoint.interface) == 0
    error_message = "there is no gateway for S3, or there are endpoints that cost"
  }
}
