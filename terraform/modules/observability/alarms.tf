# As a percentage of the requests: five errors are few in a million requests, and many in ten.
resource "aws_cloudwatch_metric_alarm" "errors" {
  for_each = var.targets

  alarm_name          = "${var.name}-${each.key}-5xx"
  alarm_description   = "More than ${var.error_percent} % of ${each.key}'s answers are 5xx"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.error_percent
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  metric_query {
    id          = "share"
    label       = "5xx in percent"
    expression  = "100 * errors / requests"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { errors = "HTTPCode_Target_5XX_Count", requests = "RequestCount" }

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/ApplicationELB"
        metric_name = metric_query.value
        dimensions  = { LoadBalancer = var.load_balancer, TargetGroup = each.value.suffix }
        period      = 60
        stat        = "Sum"
      }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "latency" {
  for_each = var.targets

  alarm_name          = "${var.name}-${each.key}-slow"
  alarm_description   = "One in twenty of ${each.key}'s answers takes longer than ${each.value.latency} s"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "TargetResponseTime"
  dimensions          = { LoadBalancer = var.load_balancer, TargetGroup = each.value.suffix }
  extended_statistic  = "p95"
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.latency
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_metric_alarm" "unhealthy" {
  for_each = { for key, target in var.targets : key => target if target.hosts }

  alarm_name          = "${var.name}-${each.key}-unhealthy"
  alarm_description   = "A task of ${each.key} fails its health checks"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "UnHealthyHostCount"
  dimensions          = { LoadBalancer = var.load_balancer, TargetGroup = each.value.suffix }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 60
  evaluation_periods  = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}
