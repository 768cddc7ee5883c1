variable "reserved_concurrency" {
  description = "At most so many invocations at once: caps cost and load behind it. More are throttled, which the load balancer answers with 502."
  type        = number
  nullable    = false

  validation {
    condition     = var.reserved_concurrency >= 1
    error_message = "reserved_concurrency must be at least 1: 0 would refuse every request."
  }
}

variable "warmth" {
  description = "`none`; `ping`: one instance is asked for its health every five minutes, best effort; `provisioned`: `provisioned_concurrency` instances stay ready, and cost money all the time."
  type        = string
  default     = "none"
  nullable    = false

  validation {
    condition     = contains(["none", "ping", "provisioned"], var.warmth)
    error_message = "warmth must be none, ping or provisioned."
  }
}

variable "provisioned_concurrency" {
  description = "Instances that stay ready, with warmth = provisioned."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = (var.warmth == "provisioned") == (var.provisioned_concurrency > 0)
    error_message = "provisioned_concurrency must be at least 1 with warmth = \"provisioned\", and 0 otherwise."
  }

  validation {
    condition     = var.provisioned_concurrency <= var.reserved_concurrency
    error_message = "provisioned_concurrency must not exceed reserved_concurrency, of which it is a part: raise reserved_concurrency."
  }
}

variable "ping_path" {
  description = "Path that the ping asks for."
  type        = string
  default     = "/api/health"
  nullable    = false
}

# At the version, not at the alias: an alias with weights takes none. The version that has most of the traffic is
# the warm one, so that a canary's steps leave it alone.
resource "aws_lambda_provisioned_concurrency_config" "this" {
  count = var.warmth == "provisioned" ? 1 : 0

  function_name                     = aws_lambda_function.this.function_name
  qualifier                         = local.version
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

  # A load balancer's health check, so that the function needs no code of its own for it.
  input = jsonencode({
    requestContext  = { elb = { targetGroupArn = var.target_group_arn } }
    httpMethod      = "GET"
    path            = var.ping_path
    headers         = { user-agent = "ELB-HealthChecker/2.0" }
    body            = ""
    isBase64Encoded = false

    queryStringParameters = {}
  })
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
