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

run "the_api_mounts_its_file_system_through_one_access_point" {
  command = plan

  variables {
    api_runtime     = "fargate"
    api_file_system = { id = "fs-1", access_point_arn = "arn:aws:elasticfilesystem:eu-central-1:123456789012:access-point/fsap-1", security_group_id = "sg-1" }
  }

  assert {
    condition = local.file_system_statement["FileSystem"] == {
      actions    = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
      resources  = ["arn:aws:elasticfilesystem:eu-central-1:123456789012:file-system/fs-1"]
      conditions = [{ test = "StringEquals", variable = "elasticfilesystem:AccessPointArn", values = ["arn:aws:elasticfilesystem:eu-central-1:123456789012:access-point/fsap-1"] }]
    }
    error_message = "the API may mount something else, or cannot write"
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.file_system[0].security_group_id == "sg-1" && aws_vpc_security_group_egress_rule.file_system[0].from_port == 2049
    error_message = "the API does not reach the file system"
  }
}

run "a_file_system_to_read_is_not_written" {
  command = plan

  variables {
    api_vpc         = true
    nat             = "single"
    api_file_system = { id = "fs-1", access_point_arn = "arn:aws:elasticfilesystem:eu-central-1:123456789012:access-point/fsap-1", security_group_id = "sg-1", read_only = true }
  }

  assert {
    condition     = join(" ", local.file_system_statement["FileSystem"].actions) == "elasticfilesystem:ClientMount"
    error_message = "the API may write"
  }
}

run "a_made_proxy_is_wired_as_one_that_exists" {
  command = plan

  variables {
    api_vpc          = true
    existing_network = { vpc_id = "vpc-1", public_subnet_ids = ["subnet-1", "subnet-2"], private_subnet_ids = ["subnet-3", "subnet-4"] }
    database_proxy   = { engine = "mysql", instance = "shop", user = "app", security_group_id = "sg-9" }
  }

  assert {
    condition     = output.database == { host = "t.proxy-1.eu-central-1.rds.amazonaws.com", port = 3306, user = "app" }
    error_message = "the API is told another database"
  }

  assert {
    condition     = aws_vpc_security_group_egress_rule.database[0].from_port == 3306 && aws_vpc_security_group_ingress_rule.database[0].security_group_id == module.database_proxy[0].security_group_id
    error_message = "the API does not reach the proxy"
  }

  assert {
    condition     = output.database_secret_arn != null
    error_message = "nobody knows which secret to fill"
  }
}

run "there_is_no_pipeline_by_default" {
  command = plan

  assert {
    condition     = length(module.delivery) == 0
    error_message = "a pipeline is made"
  }
}

run "the_pipeline_builds_under_the_release_role" {
  command = plan

  variables {
    delivery = {
      image = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/t/pipeline@sha256:0000000000000000000000000000000000000000000000000000000000000000"
      repositories = {
        project = { connection_arn = "arn:aws:codeconnections:eu-central-1:123456789012:connection/11111111-2222-3333-4444-555555555555", repository = "you/release" }
        app     = { connection_arn = "arn:aws:codeconnections:eu-central-1:123456789012:connection/11111111-2222-3333-4444-555555555555", repository = "you/site" }
      }
    }
  }

  assert {
    condition     = module.delivery[0].pipeline_name == "${local.prefix}-delivery" && local.build_project_arn == "arn:aws:codebuild:${var.region}:${local.account_id}:project/${local.prefix}-delivery"
    error_message = "the release role trusts another project"
  }
}

run "commands_in_the_apis_tasks_need_ssm_in_its_roles_only" {
  command = plan

  variables {
    api_runtime = "fargate"
    exec        = "api"
  }

  assert {
    condition     = output.exec == { app = false, api = true } && join(" ", module.roles.statement_names["api"]) == "Exec" && length(module.roles.statement_names["app"]) == 0
    error_message = "the app's role reaches SSM, or the API's does not"
  }
}

run "an_api_that_is_off_keeps_its_rules" {
  command = plan

  variables {
    api_enabled        = false
    egress             = { api = { cache = { port = 6379, security_group_id = "sg-0a1" } } }
    security_group_ids = { api = ["sg-0a2"] }
  }

  assert {
    condition     = length(aws_vpc_security_group_egress_rule.api) == 1 && length(output.api_target_group_arns) == 0
    error_message = "the API's rules went with it"
  }
}
