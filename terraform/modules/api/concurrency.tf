# Provisioned for the version, because Lambda refuses it for an alias with weights. It is the version that has most
# of the traffic, so that the steps of a canary do not change it.
resource "aws_lambda_provisioned_concurrency_config" "this" {
  count = var.warmth == "provisioned" ? 1 : 0

  function_name                     = aws_lambda_function.this.function_name
  qualifier                         = local.main_version
  provisioned_concurrent_executions = var.provisioned_concurrency

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudwatch_event_rule" "ping" {
  count = var.warmth == "ping" ? 1 : 0

  name                = "${var.name}-ping"
  description         = "Keeps one instance of ${var.name} warm"
  schedule_expression = "rate(5 minutes)"
}

resource "aws_cloudwatch_event_target" "ping" {
  count = var.warmth == "ping" ? 1 : 0

  rule = aws_cloudwatch_event_rule.ping[0].name
  arn  = aws_lambda_alias.live.arn

  # It looks like a load balancer's health check, so the function needs no code for it.
  input = jsonencode(merge(
    {
      requestContext  = { elb = { targetGroupArn = var.target_group_arn } }
      httpMethod      = "GET"
      path            = var.ping_path
      body            = ""
      isBase64Encoded = false
    },
    { for name, value in local.ping_values : name => value if startswith(name, "multiValue") == var.multi_value_headers },
  ))
}

resource "aws_lambda_permission" "ping" {
  count = var.warmth == "ping" ? 1 : 0

  statement_id  = "ping"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this.function_name
  qualifier     = aws_lambda_alias.live.name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.ping[0].arn
}

locals {
  ping_values = {
    headers                         = { user-agent = "ELB-HealthChecker/2.0" }
    queryStringParameters           = {}
    multiValueHeaders               = { user-agent = ["ELB-HealthChecker/2.0"] }
    multiValueQueryStringParameters = {}
  }
}
