locals {
  strategy = { for provider, weight in { FARGATE = 100 - var.spot_share, FARGATE_SPOT = var.spot_share } : provider => weight if weight > 0 }
  service  = one(concat(aws_ecs_service.fixed, aws_ecs_service.scaled))
}

# Two resources, for Terraform cannot ignore an attribute sometimes: here it owns the number of tasks,
# below autoscaling does. Switching between them is a move in the state, which the pipeline makes.
resource "aws_ecs_service" "fixed" {
  count = local.scaled ? 0 : 1

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

  # The pipeline watches the rollout itself, with progress and an exit code that tells the truth.
  wait_for_steady_state = false

  # Without it another share of Spot would mean another service, and an outage between the two.
  force_new_deployment = true

  dynamic "capacity_provider_strategy" {
    for_each = local.strategy

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
