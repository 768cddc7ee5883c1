mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "every_release_of_code_is_a_version_behind_an_alias" {
  command = plan

  assert {
    condition     = aws_lambda_function.this.publish && aws_lambda_alias.live.name == "live" && aws_lambda_alias.live.function_version == "8"
    error_message = "the function publishes no version behind the alias live"
  }

  assert {
    condition     = length(aws_lambda_alias.live.routing_config) == 0
    error_message = "the alias splits the traffic"
  }
}

run "the_handler_replaces_the_images_command" {
  command = plan

  variables {
    handler = "main.handler"
  }

  assert {
    condition     = one(aws_lambda_function.this.image_config).command == tolist(["main.handler"])
    error_message = "the function does not start with its handler"
  }
}

run "an_image_keeps_its_command_without_a_handler" {
  command = plan

  variables {
    handler = null
  }

  assert {
    condition     = length(aws_lambda_function.this.image_config) == 0
    error_message = "the function replaces the command of the image"
  }
}

run "a_canary_gets_its_percentage_and_the_stable_version_the_rest" {
  command = plan

  variables {
    weights = { stable_version = "7", canary_percent = 10 }
  }

  assert {
    condition     = aws_lambda_alias.live.function_version == "7" && aws_lambda_alias.live.routing_config[0].additional_version_weights["8"] == 0.1
    error_message = "the weights are not 10 % and the rest"
  }
}

run "a_finished_canary_gets_all_traffic" {
  command = plan

  variables {
    weights = { stable_version = "7", canary_percent = 100 }
  }

  assert {
    condition     = aws_lambda_alias.live.function_version == "8" && length(aws_lambda_alias.live.routing_config) == 0
    error_message = "the new version has not all of the traffic"
  }
}

run "a_version_is_never_its_own_canary" {
  command = plan

  variables {
    weights = { stable_version = "8", canary_percent = 10 }
  }

  assert {
    condition     = aws_lambda_alias.live.function_version == "8" && length(aws_lambda_alias.live.routing_config) == 0
    error_message = "the version shares the traffic with itself"
  }
}

run "only_the_load_balancer_may_invoke_the_alias" {
  command = plan

  assert {
    condition     = aws_lambda_permission.balancer.source_arn == var.target_group_arn && aws_lambda_permission.balancer.qualifier == "live" && aws_lambda_permission.balancer.principal == "elasticloadbalancing.amazonaws.com"
    error_message = "the permission names another caller"
  }

  assert {
    condition     = aws_lb_target_group_attachment.alias.target_id == aws_lambda_alias.live.arn
    error_message = "another target than the alias is attached"
  }
}

run "secrets_are_passed_as_arns" {
  command = plan

  variables {
    secrets = { DB = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf" }
  }

  assert {
    condition     = aws_lambda_function.this.environment[0].variables["DB_ARN"] == "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf"
    error_message = "DB_ARN is missing"
  }
}

run "the_environment_can_be_encrypted_with_a_customer_managed_key" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  }

  assert {
    condition     = aws_lambda_function.this.kms_key_arn == "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    error_message = "the environment has another key"
  }
}

run "the_function_is_traced_and_logs_json_to_its_log_group" {
  command = plan

  assert {
    condition     = aws_lambda_function.this.tracing_config[0].mode == "Active" && aws_lambda_function.this.logging_config[0].log_format == "JSON" && aws_lambda_function.this.logging_config[0].log_group == "/aws/lambda/t-api"
    error_message = "tracing or logging is different"
  }
}

run "the_function_runs_outside_the_vpc_by_default" {
  command = plan

  assert {
    condition     = length(aws_lambda_function.this.vpc_config) == 0
    error_message = "the function is in the VPC"
  }
}

run "the_function_runs_in_the_vpc_if_subnets_are_given" {
  command = plan

  variables {
    vpc = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
  }

  assert {
    condition     = aws_lambda_function.this.vpc_config[0].subnet_ids == toset(["subnet-1"])
    error_message = "the function has other subnets"
  }
}

run "a_ping_looks_like_a_health_check" {
  command = plan

  variables {
    warmth = "ping"
  }

  assert {
    condition     = aws_cloudwatch_event_rule.ping[0].schedule_expression == "rate(5 minutes)" && jsondecode(aws_cloudwatch_event_target.ping[0].input).headers.user-agent == "ELB-HealthChecker/2.0"
    error_message = "the rule or its request is different"
  }

  assert {
    condition     = aws_lambda_permission.ping[0].principal == "events.amazonaws.com"
    error_message = "EventBridge may not invoke the alias"
  }
}

run "provisioned_instances_belong_to_the_version" {
  command = plan

  variables {
    warmth                  = "provisioned"
    provisioned_concurrency = 2
  }

  assert {
    condition     = aws_lambda_provisioned_concurrency_config.this[0].qualifier == "8" && aws_lambda_provisioned_concurrency_config.this[0].provisioned_concurrent_executions == 2
    error_message = "the instances are provisioned for another version"
  }
}

run "provisioned_instances_stay_with_the_stable_version_during_a_canary" {
  command = plan

  variables {
    warmth                  = "provisioned"
    provisioned_concurrency = 2
    weights                 = { stable_version = "7", canary_percent = 10 }
  }

  assert {
    condition     = aws_lambda_provisioned_concurrency_config.this[0].qualifier == "7"
    error_message = "the instances are provisioned for another version"
  }
}

run "arm_images_run_on_arm" {
  command = plan

  variables {
    architecture = "ARM64"
  }

  assert {
    condition     = aws_lambda_function.this.architectures == tolist(["arm64"])
    error_message = "the function has another architecture"
  }
}

run "reserved_concurrency_caps_the_function" {
  command = plan

  assert {
    condition     = aws_lambda_function.this.reserved_concurrent_executions == 10
    error_message = "the function's concurrency is not 10"
  }
}

run "no_concurrency_need_be_reserved" {
  command = plan

  variables {
    reserved_concurrency    = 0
    warmth                  = "provisioned"
    provisioned_concurrency = 6
  }

  assert {
    condition     = aws_lambda_function.this.reserved_concurrent_executions == -1
    error_message = "the function reserves concurrency"
  }
}

run "both_versions_of_a_release_fit_into_the_reserved_concurrency" {
  command = plan

  variables {
    warmth                  = "provisioned"
    provisioned_concurrency = 5
  }

  assert {
    condition     = aws_lambda_provisioned_concurrency_config.this[0].provisioned_concurrent_executions == 5
    error_message = "half of the reserved concurrency cannot be provisioned"
  }
}

run "a_ping_has_the_form_of_the_target_groups_events" {
  command = plan

  variables {
    warmth              = "ping"
    multi_value_headers = true
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_target.ping[0].input).multiValueHeaders == { user-agent = ["ELB-HealthChecker/2.0"] } && !can(jsondecode(aws_cloudwatch_event_target.ping[0].input).headers)
    error_message = "the ping has single values"
  }
}
