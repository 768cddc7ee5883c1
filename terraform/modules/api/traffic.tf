locals {
  stable_version = var.weights.stable_version
  new_version    = aws_lambda_function.this.version
  # The number of the new version is not known before the apply; whether there is a canary is.
  is_canary    = local.stable_version != null && var.weights.canary_percent < 100
  main_version = local.is_canary ? local.stable_version : local.new_version
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = var.description
  function_name    = aws_lambda_function.this.function_name
  function_version = local.main_version

  dynamic "routing_config" {
    # A version cannot be its own canary: a release of the code that is already stable gets all the traffic.
    for_each = local.is_canary && local.stable_version != local.new_version ? [local.new_version] : []

    content {
      additional_version_weights = { (routing_config.value) = var.weights.canary_percent / 100 }
    }
  }

  # The instances are provisioned before they get traffic.
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

  # The load balancer invokes an attached target to check it: the permission must exist first.
  depends_on = [aws_lambda_permission.balancer]
}
