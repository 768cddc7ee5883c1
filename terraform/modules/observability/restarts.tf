# ECS has no metric for tasks that stop by themselves: EventBridge writes its events to a log group, and a filter counts them.
resource "aws_cloudwatch_event_rule" "stopped" {
  name        = "${var.name}-task-stopped"
  description = "Tasks that ended without having been asked to"
  event_pattern = jsonencode({
    source      = ["aws.ecs"]
    detail-type = ["ECS Task State Change"]
    detail = {
      clusterArn = [var.cluster_arn]
      lastStatus = ["STOPPED"]
      stopCode   = ["EssentialContainerExited", "TaskFailedToStart"]
    }
  })
}

resource "aws_cloudwatch_event_target" "stopped" {
  rule = aws_cloudwatch_event_rule.stopped.name
  arn  = aws_cloudwatch_log_group.stopped.arn
}

resource "aws_cloudwatch_log_group" "stopped" {
  name              = "/aws/events/${var.name}-task-stopped"
  retention_in_days = var.retention_days
  kms_key_id        = var.kms_key_arn
}

data "aws_iam_policy_document" "stopped" {
  # EventBridge creates streams without naming the rule, and names it when it writes.
  # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-cloudwatchlogs-permissions
  statement {
    actions   = ["logs:CreateLogStream"]
    resources = ["${aws_cloudwatch_log_group.stopped.arn}:*"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com", "delivery.logs.amazonaws.com"]
    }
  }

  statement {
    actions   = ["logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.stopped.arn}:*"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com", "delivery.logs.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudwatch_event_rule.stopped.arn]
    }
  }
}

resource "aws_cloudwatch_log_resource_policy" "stopped" {
  policy_name     = "${var.name}-task-stopped"
  policy_document = data.aws_iam_policy_document.stopped.json
}

resource "aws_cloudwatch_log_metric_filter" "stopped" {
  name           = "${var.name}-task-stopped"
  log_group_name = aws_cloudwatch_log_group.stopped.name
  pattern        = ""

  metric_transformation {
    namespace = "Tandem"
    name      = "${var.name}-task-stopped"
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "restarts" {
  alarm_name          = "${var.name}-task-restarts"
  alarm_description   = "Tasks die and are started again"
  namespace           = "Tandem"
  metric_name         = aws_cloudwatch_log_metric_filter.stopped.metric_transformation[0].name
  statistic           = "Sum"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 3
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}
