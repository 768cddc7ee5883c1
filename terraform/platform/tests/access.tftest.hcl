mock_provider "aws" {
  source          = "../mocks"
  override_during = plan
}

run "nobody_connects_beyond_https_by_default" {
  command = plan

  assert {
    condition     = length(aws_vpc_security_group_egress_rule.app) + length(aws_vpc_security_group_egress_rule.api) == 0 && length(output.service_security_group_ids) == 1
    error_message = "there are rules, or the app's tasks have another group"
  }
}

run "rules_are_those_of_app_and_api" {
  command = plan

  variables {
    api_runtime = "fargate"
    egress = {
      app = { upstream = { port = 8000, to_port = 8010, cidr = "10.1.0.0/16" } }
      api = {
        cache = { port = 6379, security_group_id = "sg-0a1" }
        dns   = { port = 53, protocol = "udp", prefix_list_id = "pl-0a1" }
      }
    }
    security_group_ids = { app = ["sg-0a2"], api = ["sg-0a3", "sg-0a4"] }
  }

  assert {
    condition     = aws_vpc_security_group_egress_rule.app["upstream"].from_port == 8000 && aws_vpc_security_group_egress_rule.app["upstream"].to_port == 8010 && aws_vpc_security_group_egress_rule.app["upstream"].cidr_ipv4 == "10.1.0.0/16" && aws_vpc_security_group_egress_rule.app["upstream"].ip_protocol == "tcp"
    error_message = "the app's rule is another one"
  }

  assert {
    condition     = aws_vpc_security_group_egress_rule.api["cache"].to_port == 6379 && aws_vpc_security_group_egress_rule.api["cache"].referenced_security_group_id == "sg-0a1" && aws_vpc_security_group_egress_rule.api["dns"].ip_protocol == "udp" && aws_vpc_security_group_egress_rule.api["dns"].prefix_list_id == "pl-0a1"
    error_message = "the API's rules are other ones"
  }

  assert {
    condition     = length(output.service_security_group_ids) == 3 && output.service_security_group_ids[2] == "sg-0a2"
    error_message = "the app's tasks lack a group"
  }

  assert {
    condition     = join(" ", slice(output.api_task_security_group_ids, 2, 4)) == "sg-0a3 sg-0a4" && length(output.function_security_group_ids) == 0
    error_message = "the API's tasks lack a group, or a function outside the VPC has one"
  }
}

run "a_function_in_the_vpc_has_the_apis_groups" {
  command = plan

  variables {
    api_vpc            = true
    nat                = "single"
    security_group_ids = { api = ["sg-0a3"] }
  }

  assert {
    condition     = length(output.function_security_group_ids) == 2 && output.function_security_group_ids[1] == "sg-0a3"
    error_message = "the function lacks a group"
  }
}
