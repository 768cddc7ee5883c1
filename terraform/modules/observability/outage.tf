# A total outage: no task is healthy, or the load balancer itself answers. The other alarms need responses of targets.

resource "aws_cloudwatch_metric_alarm" "healthy" {
  for_each = { for key, target in var.targets : key => target if target.hosts }

  alarm_name          = "${var.name}-${each.key}-down"
  alarm_description   = "No task of ${each.key} is healthy"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HealthyHostCount"
  dimensions          = { LoadBalancer = var.load_balancer, TargetGroup = each.value.suffix }
  statistic           = "Minimum"
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  period              = 60
  evaluation_periods  = 3
  treat_missing_data  = "breaching" # without registered tasks there is no metric
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

# Answers without a target: 502 and 504 for what tasks or function did, 503 without tasks.
resource "aws_cloudwatch_metric_alarm" "balancer" {
  alarm_name          = "${var.name}-balancer-5xx"
  alarm_description   = "The load balancer itself answers more than ${var.balancer_errors} requests a minute with 5xx"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HTTPCode_ELB_5XX_Count"
  dimensions          = { LoadBalancer = var.load_balancer }
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.balancer_errors
  period              = 60
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  treat_missing_data  = "notBreaching" # without such answers there is no metric
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}
