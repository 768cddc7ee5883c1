resource "aws_ecs_service" "scaled" {
  count = local.is_scaled ? 1 : 0

  name            = var.name
  cluster         = var.cluster_arn
  task_definition = aws_ecs_task_definition.this.arn
  desired_count   = max(var.autoscaling.minimum, min(var.autoscaling.maximum, var.desired_count))

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

  lifecycle {
    ignore_changes = [desired_count]
  }
}
