locals {
  weights            = { FARGATE = 100 - var.spot_share, FARGATE_SPOT = var.spot_share }
  capacity_providers = { for provider, weight in local.weights : provider => weight if weight > 0 }
  service            = one(concat(aws_ecs_service.fixed, aws_ecs_service.scaled))
}

# Two resources for one service, because Terraform ignores an attribute always or never: here Terraform owns the
# number of tasks, in scaled.tf autoscaling does. The pipeline moves the service between them in the state.
resource "aws_ecs_service" "fixed" {
  count = local.is_scaled ? 0 : 1

  name            = var.name
  cluster         = var.cluster_arn
  task_definition = aws_ecs_task_definition.this.arn
  desired_count   = var.desired_count

  deployment_minimum_healthy_percent = var.minimum_healthy_percent
  deployment_maximum_percent         = var.maximum_percent
  health_check_grace_period_seconds  = var.grace_seconds
  availability_zone_rebalancing      = var.maximum_percent > 100 ? "ENABLED" : "DISABLED"

  enable_ecs_managed_tags = true
  propagate_tags          = "SERVICE"
  enable_execute_command  = var.exec

  # The pipeline watches the rollout itself: it reports progress, and its exit code says whether the rollout succeeded.
  wait_for_steady_state = false

  # Without it a change of spot_share would replace the service, with an outage.
  force_new_deployment = true

  dynamic "capacity_provider_strategy" {
    for_each = local.capacity_providers

    content {
      capacity_provider = capacity_provider_strategy.key
      weight            = capacity_provider_strategy.value
    }
  }

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  dynamic "alarms" {
    for_each = length(var.alarm_names) > 0 ? [var.alarm_names] : []

    content {
      enable      = var.alarms_enabled
      rollback    = var.alarms_enabled
      alarm_names = alarms.value
    }
  }

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = var.security_group_ids
    assign_public_ip = var.assign_public_ip
  }

  load_balancer {
    target_group_arn = var.target_group_arn
    container_name   = var.task.container
    container_port   = var.task.port
  }
}

moved {
  from = aws_ecs_service.this
  to   = aws_ecs_service.fixed[0]
}
