locals {
  is_scaled = var.autoscaling != null
  policies = local.is_scaled ? {
    for name, policy in {
      cpu      = { metric = "ECSServiceAverageCPUUtilization", target = var.autoscaling.cpu, label = null }
      memory   = { metric = "ECSServiceAverageMemoryUtilization", target = var.autoscaling.memory, label = null }
      requests = { metric = "ALBRequestCountPerTarget", target = var.autoscaling.requests, label = var.load_balancer }
    } : name => policy if policy.target != null
  } : {}
}

resource "aws_appautoscaling_target" "this" {
  count = local.is_scaled ? 1 : 0

  service_namespace  = "ecs"
  resource_id        = "service/${split("/", var.cluster_arn)[1]}/${aws_ecs_service.scaled[0].name}"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = var.autoscaling.minimum
  max_capacity       = var.autoscaling.maximum
}

resource "aws_appautoscaling_policy" "this" {
  for_each = local.policies

  name               = "${var.name}-${each.key}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this[0].service_namespace
  resource_id        = aws_appautoscaling_target.this[0].resource_id
  scalable_dimension = aws_appautoscaling_target.this[0].scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = each.value.target
    scale_in_cooldown  = var.autoscaling.cooldown.in
    scale_out_cooldown = var.autoscaling.cooldown.out

    predefined_metric_specification {
      predefined_metric_type = each.value.metric
      resource_label         = each.value.label
    }
  }
}

resource "aws_appautoscaling_scheduled_action" "this" {
  for_each = local.is_scaled ? var.autoscaling.schedule : {}

  name               = "${var.name}-${each.key}"
  service_namespace  = aws_appautoscaling_target.this[0].service_namespace
  resource_id        = aws_appautoscaling_target.this[0].resource_id
  scalable_dimension = aws_appautoscaling_target.this[0].scalable_dimension
  schedule           = each.value.cron

  scalable_target_action {
    min_capacity = each.value.minimum
    max_capacity = each.value.maximum
  }
}
