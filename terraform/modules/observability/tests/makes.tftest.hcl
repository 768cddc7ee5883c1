mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "each_target_group_has_alarms_for_errors_and_latency" {
  command = plan

  assert {
    condition     = toset(keys(aws_cloudwatch_metric_alarm.errors)) == toset(["app", "api"]) && toset(keys(aws_cloudwatch_metric_alarm.latency)) == toset(["app", "api"])
    error_message = "an alarm of a target group is missing"
  }
}

run "only_target_groups_with_hosts_have_an_alarm_for_health" {
  command = plan

  assert {
    condition     = toset(keys(aws_cloudwatch_metric_alarm.unhealthy)) == toset(["app"])
    error_message = "another target group than app has the alarm"
  }
}

run "the_functions_alarms_are_set_at_80_percent_of_its_limits" {
  command = plan

  assert {
    condition     = aws_cloudwatch_metric_alarm.function["duration"].threshold == 8000
    error_message = "the threshold is not 80 % of the timeout in milliseconds"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.function["concurrency"].threshold == 8
    error_message = "the threshold is not 80 % of the concurrency"
  }

  assert {
    condition     = toset(keys(aws_cloudwatch_metric_alarm.function)) == toset(["errors", "throttles", "duration", "concurrency"])
    error_message = "an alarm of the function is missing"
  }
}

run "an_api_of_tasks_has_no_function_alarms" {
  command = plan

  variables {
    function = null
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.function) == 0
    error_message = "the function has an alarm"
  }
}

run "tasks_that_stop_repeatedly_raise_an_alarm" {
  command = plan

  assert {
    condition     = strcontains(aws_cloudwatch_event_rule.stopped.event_pattern, "EssentialContainerExited") && aws_cloudwatch_metric_alarm.restarts.threshold == 3
    error_message = "stopped tasks are not counted"
  }
}

run "every_alarm_is_published_to_the_topic" {
  command = plan

  assert {
    condition = alltrue([
      for alarm in concat(
        values(aws_cloudwatch_metric_alarm.errors), values(aws_cloudwatch_metric_alarm.latency), values(aws_cloudwatch_metric_alarm.unhealthy),
        values(aws_cloudwatch_metric_alarm.healthy), values(aws_cloudwatch_metric_alarm.function),
        [aws_cloudwatch_metric_alarm.restarts, aws_cloudwatch_metric_alarm.balancer],
      ) :
      alarm.alarm_actions == toset([aws_sns_topic.alarms.arn]) && alarm.ok_actions == toset([aws_sns_topic.alarms.arn])
    ])
    error_message = "an alarm, or its end, is not published to the topic"
  }
}

run "missing_data_raises_an_alarm_only_where_it_means_an_outage" {
  command = plan

  assert {
    condition = alltrue([
      for alarm in concat(
        values(aws_cloudwatch_metric_alarm.errors), values(aws_cloudwatch_metric_alarm.latency), values(aws_cloudwatch_metric_alarm.unhealthy),
        values(aws_cloudwatch_metric_alarm.function), [aws_cloudwatch_metric_alarm.restarts, aws_cloudwatch_metric_alarm.balancer],
      ) :
      alarm.treat_missing_data == "notBreaching"
    ])
    error_message = "missing data raises an alarm"
  }

  assert {
    condition     = alltrue([for alarm in values(aws_cloudwatch_metric_alarm.healthy) : alarm.treat_missing_data == "breaching"])
    error_message = "an outage without data raises no alarm"
  }
}

run "email_addresses_are_subscribed_to_the_topic" {
  command = plan

  variables {
    emails = ["a@example.org"]
  }

  assert {
    condition     = aws_sns_topic_subscription.email["a@example.org"].protocol == "email"
    error_message = "the address is not subscribed"
  }
}

run "deployments_watch_errors_and_health" {
  command = plan

  assert {
    condition     = output.deployment_alarm_names["app"] == ["t-app-5xx", "t-app-unhealthy"] && output.deployment_alarm_names["api"] == ["t-api-5xx"]
    error_message = "the deployment alarms are different"
  }
}

run "logs_and_topic_can_be_encrypted_with_a_customer_managed_key" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  }

  assert {
    condition     = aws_cloudwatch_log_group.this["app"].kms_key_id == "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555" && aws_sns_topic.alarms.kms_master_key_id == "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    error_message = "logs or topic have another key"
  }
}

run "a_function_without_reserved_concurrency_has_no_alarm_for_it" {
  command = plan

  variables {
    function = { name = "t-api", timeout = 10, concurrency = 0 }
  }

  assert {
    condition     = toset(keys(aws_cloudwatch_metric_alarm.function)) == toset(["errors", "throttles", "duration"])
    error_message = "the function has other alarms"
  }
}

run "an_outage_of_all_tasks_raises_an_alarm_without_any_data" {
  command = plan

  assert {
    condition     = toset(keys(aws_cloudwatch_metric_alarm.healthy)) == toset(["app"])
    error_message = "another target group than app has the alarm"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.healthy["app"].metric_name == "HealthyHostCount" && aws_cloudwatch_metric_alarm.healthy["app"].statistic == "Minimum" && aws_cloudwatch_metric_alarm.healthy["app"].comparison_operator == "LessThanThreshold" && aws_cloudwatch_metric_alarm.healthy["app"].threshold == 1
    error_message = "the alarm is not raised without healthy tasks"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.healthy["app"].treat_missing_data == "breaching"
    error_message = "missing data raises no alarm"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.healthy["app"].dimensions == tomap({ LoadBalancer = "app/t/1", TargetGroup = "targetgroup/app/1" }) && aws_cloudwatch_metric_alarm.healthy["app"].alarm_actions == toset([aws_sns_topic.alarms.arn])
    error_message = "the alarm watches another target group, or is not published"
  }
}

run "answers_of_the_load_balancer_itself_raise_an_alarm" {
  command = plan

  assert {
    condition     = aws_cloudwatch_metric_alarm.balancer.metric_name == "HTTPCode_ELB_5XX_Count" && aws_cloudwatch_metric_alarm.balancer.dimensions == tomap({ LoadBalancer = "app/t/1" }) && aws_cloudwatch_metric_alarm.balancer.threshold == 10
    error_message = "the load balancer's own 5xx are not watched"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.balancer.alarm_actions == toset([aws_sns_topic.alarms.arn])
    error_message = "the alarm is not published"
  }
}

run "only_this_accounts_alarms_publish_to_the_topic" {
  command = plan

  assert {
    condition     = one(module.tls_only.statements[0].principals).identifiers == toset(["cloudwatch.amazonaws.com"]) && one(module.tls_only.statements[0].principals).type == "Service"
    error_message = "something else than CloudWatch may publish"
  }

  assert {
    condition     = one(module.tls_only.statements[0].condition).variable == "aws:SourceAccount" && one(module.tls_only.statements[0].condition).values == tolist(["123456789012"])
    error_message = "another account's alarms may publish"
  }

  assert {
    condition     = length([for statement in module.tls_only.statements : statement if statement.effect != "Deny"]) == 1
    error_message = "another statement allows something"
  }
}

run "only_the_rule_writes_to_the_log_group" {
  command = plan

  assert {
    condition     = data.aws_iam_policy_document.stopped.statement[1].actions == toset(["logs:PutLogEvents"]) && one(data.aws_iam_policy_document.stopped.statement[1].condition).variable == "aws:SourceArn" && one(data.aws_iam_policy_document.stopped.statement[1].condition).values == tolist([aws_cloudwatch_event_rule.stopped.arn])
    error_message = "another rule may write to the log group"
  }
}

run "the_topic_denies_exactly_what_comes_without_tls" {
  command = plan

  assert {
    condition     = jsonencode([for statement in module.tls_only.statements : [statement.actions, one(statement.condition)] if statement.effect == "Deny"]) == jsonencode([[["sns:Publish"], { test = "Bool", values = ["false"], variable = "aws:SecureTransport" }]])
    error_message = "requests with TLS are denied, or those without are not"
  }
}
