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
    api = { image = "r/api@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", memory = 3008, timeout = 10, reserved_concurrency = 10, secrets = { DB = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf" } }
  }
}

run "a_functions_memory_becomes_what_fargate_takes_with_512" {
  command = plan

  variables {
    api_cpu = 512
  }

  # Memory that does not fit is refused by the module.
  assert {
    condition     = output.api_service_name == "tandem-dev-api"
    error_message = "planned"
  }
}

run "a_functions_memory_becomes_what_fargate_takes_with_1024" {
  command = plan

  variables {
    api_cpu = 1024
  }

  # Memory that does not fit is refused by the module.
  assert {
    condition     = output.api_service_name == "tandem-dev-api"
    error_message = "planned"
  }
}

run "a_functions_memory_becomes_what_fargate_takes_with_4096" {
  command = plan

  variables {
    api_cpu = 4096
  }

  # Memory that does not fit is refused by the module.
  assert {
    condition     = output.api_service_name == "tandem-dev-api"
    error_message = "planned"
  }
}

run "a_functions_memory_becomes_what_fargate_takes_with_8192" {
  command = plan

  variables {
    api_cpu = 8192
  }

  # Memory that does not fit is refused by the module.
  assert {
    condition     = output.api_service_name == "tandem-dev-api"
    error_message = "planned"
  }
}

run "a_functions_memory_becomes_what_fargate_takes_with_16384" {
  command = plan

  variables {
    api_cpu = 16384
  }

  # Memory that does not fit is refused by the module.
  assert {
    condition     = output.api_service_name == "tandem-dev-api"
    error_message = "planned"
  }
}

run "memory_that_the_cpu_does_not_take" {
  command = plan

  variables {
    api_cpu = 256
  }

  expect_failures = [var.api_cpu]
}
