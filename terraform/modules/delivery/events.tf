resource "aws_cloudwatch_event_rule" "schedule" {
  count = var.schedule == null ? 0 : 1

  name                = local.prefix
  description         = "Releases pushes to ${var.environment} whose trigger was lost"
  schedule_expression = var.schedule
}

resource "aws_cloudwatch_event_target" "schedule" {
  count = var.schedule == null ? 0 : 1

  rule     = aws_cloudwatch_event_rule.schedule[0].name
  arn      = local.pipeline_arn
  role_arn = aws_iam_role.schedule[0].arn
}

resource "aws_cloudwatch_event_rule" "failed" {
  name        = "${local.prefix}-failed"
  description = "A release to ${var.environment} by the pipeline failed"

  event_pattern = jsonencode({
    source      = ["aws.codepipeline"]
    detail-type = ["CodePipeline Pipeline Execution State Change"]
    detail      = { pipeline = [local.prefix], state = ["FAILED"] }
  })
}

resource "aws_cloudwatch_event_target" "failed" {
  rule = aws_cloudwatch_event_rule.failed.name
  arn  = aws_sns_topic.this.arn
}

resource "aws_sns_topic" "this" {
  name = local.prefix
}

module "topic_tls_only" {
  source = "../tls_only"

  topic = { arn = aws_sns_topic.this.arn }
  publisher = {
    sid      = "FailuresPublish"
    service  = "events.amazonaws.com"
    test     = "ArnEquals"
    variable = "aws:SourceArn"
    values   = ["arn:${local.partition}:events:${var.region}:${var.account_id}:rule/${local.prefix}-failed"]
  }
}

moved {
  from = aws_sns_topic_policy.this
  to   = module.topic_tls_only.aws_sns_topic_policy.this[0]
}

resource "aws_sns_topic_subscription" "email" {
  for_each = var.emails

  topic_arn = aws_sns_topic.this.arn
  protocol  = "email"
  endpoint  = each.value
}
