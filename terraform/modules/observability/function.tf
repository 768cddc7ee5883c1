locals {
  # Without a reservation the account's limit throttles, which the alarm for throttles reports.
  function_reserves = try(var.function.concurrency > 0, false)
  function_alarms   = { for name, alarm in local.function_limits : name => alarm if name != "concurrency" || local.function_reserves }
  function_limits = var.function == null ? {} : {
    errors = {
      metric    = "Errors"
      stat      = "Sum"
      threshold = 0
      problem   = "fails"
    }
    throttles = {
      metric    = "Throttles"
      stat      = "Sum"
      threshold = 0
      problem   = "refuses invocations: its concurrency is used up"
    }
    duration = {
      metric    = "Duration"
      stat      = "Maximum"
      threshold = 800 * var.function.timeout # 80 %, in milliseconds
      problem   = "comes within a fifth of its timeout"
    }
    concurrency = {
      metric    = "ConcurrentExecutions"
      stat      = "Maximum"
      threshold = 0.8 * var.function.concurrency
      problem   = "comes within a fifth of its concurrency"
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "function" {
  for_each = local.function_alarms

  alarm_name          = "${var.name}-api-${each.key}"
  alarm_description   = "The API function ${each.value.problem}"
  namespace           = "AWS/Lambda"
  metric_name         = each.value.metric
  dimensions          = { FunctionName = var.function.name }
  statistic           = each.value.stat
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  period              = 60
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}
