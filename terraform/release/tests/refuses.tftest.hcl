mock_provider "aws" {
  override_during = plan

  mock_data "aws_availability_zones" {
    defaults = { names = ["eu-central-1a", "eu-central-1b", "eu-central-1c"] }
  }

  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\": \"2012-10-17\", \"Statement\": []}" }
  }

  mock_resource "aws_lambda_function" {
    defaults = { arn = "arn:aws:lambda:eu-central-1:123456789012:function:t-api", version = "8" }
  }

  mock_resource "aws_lambda_alias" {
    defaults = { arn = "arn:aws:lambda:eu-central-1:123456789012:function:t-api:live" }
  }

  mock_resource "aws_ecs_task_definition" {
    defaults = { arn = "arn:aws:ecs:eu-central-1:123456789012:task-definition/t:1" }
  }

  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:eu-central-1:123456789012:rule/t-api-ping" }
  }
}

variables {
  platform = {
    name                        = "tandem-dev"
    region                      = "eu-central-1"
    account_id                  = "123456789012"
    cluster_arn                 = "arn:aws:ecs:eu-central-1:123456789012:cluster/tandem-dev"
    service_name                = "tandem-dev"
    service_subnet_ids          = ["subnet-1"]
    service_security_group_id   = "sg-1"
    service_assign_public_ip    = false
    app_target_group_arn        = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/app/1"
    api_target_group_arns       = { lambda = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/api/1" }
    api_runtime                 = "lambda"
    api_port                    = 8000
    api_log_group               = "/tandem/dev/api"
    function_name               = "tandem-dev-api"
    function_role_arn           = "arn:aws:iam::123456789012:role/function"
    function_log_group          = "/aws/lambda/tandem-dev-api"
    function_subnet_ids         = []
    function_security_group_ids = []
    execution_role_arn          = "arn:aws:iam::123456789012:role/execution"
    task_role_arn               = "arn:aws:iam::123456789012:role/task"
    load_balancer_arn_suffix    = "app/t/1"
    target_group_arn_suffixes   = { app = "targetgroup/app/1", api = "targetgroup/api/1", api-task = "targetgroup/task/1" }
    deployment_alarm_names      = { app = ["app-5xx"], api = ["api-5xx"], api-task = ["task-5xx"] }
  }
  release = {
    number  = 7
    layout  = "sidecar"
    commits = { app = "0123456789abcdef" }
    task = {
      family                = "t"
      cpu                   = 256
      memory                = 512
      execution_role_arn    = "arn:aws:iam::123456789012:role/e"
      task_role_arn         = "arn:aws:iam::123456789012:role/t"
      container             = "app"
      port                  = 8080
      volumes               = [{ name = "content" }]
      container_definitions = "[{\"name\":\"app\",\"image\":\"r/app@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"essential\":true}]"
      architecture          = "X86_64"
      count                 = 2
    }
    api = { image = "r/api@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", memory = 512, timeout = 10, reserved_concurrency = 10, secrets = { DB = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf" } }
  }
}

run "a_release_without_a_number_and_a_ping_of_an_api_that_is_a_service" {
  command = plan

  variables {
    release = {
      number  = 0
      layout  = "sidecar"
      commits = { app = "0123456789abcdef" }
      task = {
        family                = "t"
        cpu                   = 256
        memory                = 512
        execution_role_arn    = "arn:aws:iam::123456789012:role/e"
        task_role_arn         = "arn:aws:iam::123456789012:role/t"
        container             = "app"
        port                  = 8080
        volumes               = [{ name = "content" }]
        container_definitions = "[{\"name\":\"app\",\"image\":\"r/app@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"essential\":true}]"
        architecture          = "X86_64"
        count                 = 2
      }
      api = { image = "r/api@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", memory = 512, timeout = 10, reserved_concurrency = 10, secrets = { DB = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf" } }
    }
    platform = {
      name                        = "tandem-dev"
      region                      = "eu-central-1"
      account_id                  = "123456789012"
      cluster_arn                 = "arn:aws:ecs:eu-central-1:123456789012:cluster/tandem-dev"
      service_name                = "tandem-dev"
      service_subnet_ids          = ["subnet-1"]
      service_security_group_id   = "sg-1"
      service_assign_public_ip    = false
      app_target_group_arn        = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/app/1"
      api_target_group_arns       = { fargate = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/api/1" }
      api_runtime                 = "fargate"
      api_port                    = 8000
      api_log_group               = "/tandem/dev/api"
      function_name               = "tandem-dev-api"
      function_role_arn           = "arn:aws:iam::123456789012:role/function"
      function_log_group          = "/aws/lambda/tandem-dev-api"
      function_subnet_ids         = []
      function_security_group_ids = []
      execution_role_arn          = "arn:aws:iam::123456789012:role/execution"
      task_role_arn               = "arn:aws:iam::123456789012:role/task"
      load_balancer_arn_suffix    = "app/t/1"
      target_group_arn_suffixes   = { app = "targetgroup/app/1", api = "targetgroup/api/1", api-task = "targetgroup/task/1" }
      deployment_alarm_names      = { app = ["app-5xx"], api = ["api-5xx"], api-task = ["task-5xx"] }
    }
    api_warmth = "ping"
  }

  expect_failures = [
    var.release,
    var.api_warmth,
  ]
}

run "a_layout_that_is_none_and_provisioned_concurrency_of_an_api_that_is_a_service" {
  command = plan

  variables {
    release = {
      number  = 7
      layout  = "sandwich"
      commits = { app = "0123456789abcdef" }
      task = {
        family                = "t"
        cpu                   = 256
        memory                = 512
        execution_role_arn    = "arn:aws:iam::123456789012:role/e"
        task_role_arn         = "arn:aws:iam::123456789012:role/t"
        container             = "app"
        port                  = 8080
        volumes               = [{ name = "content" }]
        container_definitions = "[{\"name\":\"app\",\"image\":\"r/app@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"essential\":true}]"
        architecture          = "X86_64"
        count                 = 2
      }
      api = { image = "r/api@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", memory = 512, timeout = 10, reserved_concurrency = 10, secrets = { DB = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf" } }
    }
    platform = {
      name                        = "tandem-dev"
      region                      = "eu-central-1"
      account_id                  = "123456789012"
      cluster_arn                 = "arn:aws:ecs:eu-central-1:123456789012:cluster/tandem-dev"
      service_name                = "tandem-dev"
      service_subnet_ids          = ["subnet-1"]
      service_security_group_id   = "sg-1"
      service_assign_public_ip    = false
      app_target_group_arn        = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/app/1"
      api_target_group_arns       = { fargate = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/api/1" }
      api_runtime                 = "fargate"
      api_port                    = 8000
      api_log_group               = "/tandem/dev/api"
      function_name               = "tandem-dev-api"
      function_role_arn           = "arn:aws:iam::123456789012:role/function"
      function_log_group          = "/aws/lambda/tandem-dev-api"
      function_subnet_ids         = []
      function_security_group_ids = []
      execution_role_arn          = "arn:aws:iam::123456789012:role/execution"
      task_role_arn               = "arn:aws:iam::123456789012:role/task"
      load_balancer_arn_suffix    = "app/t/1"
      target_group_arn_suffixes   = { app = "targetgroup/app/1", api = "targetgroup/api/1", api-task = "targetgroup/task/1" }
      deployment_alarm_names      = { app = ["app-5xx"], api = ["api-5xx"], api-task = ["task-5xx"] }
    }
    api_provisioned_concurrency = 2
  }

  expect_failures = [
    var.release,
    var.api_provisioned_concurrency,
  ]
}

run "a_command_that_serves_on_another_port_and_a_cpu_that_is_none" {
  command = plan

  variables {
    platform = {
      name                        = "tandem-dev"
      region                      = "eu-central-1"
      account_id                  = "123456789012"
      cluster_arn                 = "arn:aws:ecs:eu-central-1:123456789012:cluster/tandem-dev"
      service_name                = "tandem-dev"
      service_subnet_ids          = ["subnet-1"]
      service_security_group_id   = "sg-1"
      service_assign_public_ip    = false
      app_target_group_arn        = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/app/1"
      api_target_group_arns       = { fargate = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/api/1" }
      api_runtime                 = "fargate"
      api_port                    = 8000
      api_log_group               = "/tandem/dev/api"
      function_name               = "tandem-dev-api"
      function_role_arn           = "arn:aws:iam::123456789012:role/function"
      function_log_group          = "/aws/lambda/tandem-dev-api"
      function_subnet_ids         = []
      function_security_group_ids = []
      execution_role_arn          = "arn:aws:iam::123456789012:role/execution"
      task_role_arn               = "arn:aws:iam::123456789012:role/task"
      load_balancer_arn_suffix    = "app/t/1"
      target_group_arn_suffixes   = { app = "targetgroup/app/1", api = "targetgroup/api/1", api-task = "targetgroup/task/1" }
      deployment_alarm_names      = { app = ["app-5xx"], api = ["api-5xx"], api-task = ["task-5xx"] }
    }
    api_command = ["serve", "--port", "9000"]
    api_cpu     = 300
  }

  expect_failures = [
    var.api_command,
    var.api_cpu,
  ]
}
