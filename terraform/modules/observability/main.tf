resource "aws_cloudwatch_log_group" "this" {
  for_each = var.log_groups

  name              = each.value
  retention_in_days = var.retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_sns_topic" "alarms" {
  name              = "${var.name}-alarms"
  kms_master_key_id = var.kms_key_arn
}

data "aws_caller_identity" "current" {}

module "tls_only" {
  source = "../tls_only"

  topic = { arn = aws_sns_topic.alarms.arn }
  publisher = {
    sid      = "AlarmsPublish"
    service  = "cloudwatch.amazonaws.com"
    test     = "StringEquals"
    variable = "aws:SourceAccount"
    values   = [data.aws_caller_identity.current.account_id]
  }
}

moved {
  from = aws_sns_topic_policy.alarms
  to   = module.tls_only.aws_sns_topic_policy.this[0]
}

resource "aws_sns_topic_subscription" "email" {
  for_each = var.emails

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = each.value
}
