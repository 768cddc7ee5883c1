locals {
  stable = var.weights.stable_version
  # The new version's number is not known before the apply; whether the traffic is shared is.
  shared  = local.stable != null && var.weights.canary_percent < 100
  version = local.shared ? local.stable : aws_lambda_function.this.version
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = var.description
  function_name    = aws_lambda_function.this.function_name
  function_version = local.version

  dynamic "routing_config" {
    # A version cannot share with itself: releasing the code that is already stable gives it all the traffic.
    for_each = local.shared && local.stable != aws_lambda_function.this.version ? [aws_lambda_function.this.version] : []

    content {
      additional_version_weights = { (routing_config.value) = var.weights.canary_percent / 100 }
    }
  }

  # Warm first, then let the traffic in.
  depends_on = [aws_lambda_provisioned_concurrency_config.this]
}

resource "aws_lambda_permission" "balancer" {
  statement_id  = "balancer"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this.function_name
  qualifier     = aws_lambda_alias.live.name
  principal     = "elasticloadbalancing.amazonaws.com"
  source_arn    = var.target_group_arn
}

resource "aws_lb_target_group_attachment" "alias" {
  target_group_arn = var.target_group_arn
  target_id        = aws_lambda_alias.live.arn

  # The load balancer tries to invoke what is attached: the permission has to be there first.
  depends_on = [aws_lambda_permission.balancer]
}
