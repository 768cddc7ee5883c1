resource "aws_lb" "this" {
  name               = var.name
  load_balancer_type = "application"
  internal           = var.internal
  subnets            = var.subnet_ids
  security_groups    = [aws_security_group.balancer.id]

  idle_timeout               = var.idle_timeout
  enable_deletion_protection = var.deletion_protection
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "defensive"

  dynamic "access_logs" {
    for_each = aws_s3_bucket_policy.logs

    content {
      enabled = true
      bucket  = access_logs.value.bucket
    }
  }
}

resource "aws_lb_listener" "site" {
  load_balancer_arn = aws_lb.this.arn
  protocol          = local.https ? "HTTPS" : "HTTP"
  port              = local.https ? 443 : 80
  ssl_policy        = local.https ? var.ssl_policy : null
  certificate_arn   = local.certificate_arn

  routing_http_response_server_enabled                         = false
  routing_http_response_x_content_type_options_header_value    = "nosniff"
  routing_http_response_x_frame_options_header_value           = var.headers.x_frame_options
  routing_http_response_content_security_policy_header_value   = var.headers.content_security_policy
  routing_http_response_strict_transport_security_header_value = local.https ? var.headers.strict_transport_security : null

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this[var.default_target].arn
  }

  lifecycle {
    precondition {
      condition     = var.certificate_arn == null || try(split(":", var.certificate_arn)[3], "") == data.aws_region.current.id
      error_message = "certificate_arn is in another region than the load balancer (${data.aws_region.current.id}): request it there, or set domain and zone_id."
    }
  }
}

# Redirects HTTP to HTTPS.
resource "aws_lb_listener" "redirect" {
  count = local.https ? 1 : 0

  load_balancer_arn = aws_lb.this.arn
  protocol          = "HTTP"
  port              = 80

  default_action {
    type = "redirect"

    redirect {
      protocol    = "HTTPS"
      port        = "443"
      status_code = "HTTP_301"
    }
  }

  # Port 80 must be free first: without HTTPS the listener `site` uses it.
  depends_on = [aws_lb_listener.site]
}

resource "aws_lb_listener_rule" "this" {
  for_each = var.routes

  listener_arn = aws_lb_listener.site.arn
  priority     = each.value.priority

  # With weights even for one target group: if the form changed, the provider's update would name no target group.
  action {
    type = "forward"

    forward {
      dynamic "target_group" {
        for_each = each.value.targets

        content {
          arn    = aws_lb_target_group.this[target_group.key].arn
          weight = target_group.value
        }
      }
    }
  }

  condition {
    path_pattern {
      values = each.value.paths
    }
  }

  tags = { Name = each.key }
}
