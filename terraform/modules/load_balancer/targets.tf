resource "aws_lb_target_group" "this" {
  for_each = var.targets

  # Port and kind cannot change in place: they are part of the name, so that the new group can be created before the old one is deleted.
  name        = "${var.name}-${each.key}-${substr(sha1(jsonencode([each.value.kind, each.value.port, var.vpc_id])), 0, 4)}"
  target_type = each.value.kind
  port        = each.value.kind == "lambda" ? null : each.value.port
  protocol    = each.value.kind == "lambda" ? null : "HTTP"
  vpc_id      = each.value.kind == "lambda" ? null : var.vpc_id

  # Without it only the last of several values of a header or query parameter reaches the function.
  lambda_multi_value_headers_enabled = each.value.kind == "lambda" ? each.value.multi_value_headers : null

  deregistration_delay = each.value.kind == "lambda" ? null : each.value.deregistration_delay

  # No health check for a function: each check would be an invocation, which costs.
  dynamic "health_check" {
    for_each = each.value.kind == "lambda" ? [] : [each.value]

    content {
      path                = health_check.value.health_path
      matcher             = health_check.value.health_codes
      interval            = health_check.value.health_interval
      timeout             = health_check.value.health_timeout
      healthy_threshold   = health_check.value.healthy_after
      unhealthy_threshold = health_check.value.unhealthy_after
    }
  }

  dynamic "stickiness" {
    for_each = each.value.kind == "lambda" ? [] : [each.value.stickiness]

    content {
      type            = "lb_cookie"
      enabled         = stickiness.value > 0
      cookie_duration = max(stickiness.value, 1)
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}
