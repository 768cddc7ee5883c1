output "log_group_names" {
  description = "Names of the log groups, by key."
  value       = { for key, group in aws_cloudwatch_log_group.this : key => group.name }
}

output "log_group_arns" {
  description = "ARNs of the log groups, by key."
  value       = { for key, group in aws_cloudwatch_log_group.this : key => group.arn }
}

output "topic_arn" {
  description = "ARN of the SNS topic that alarms are published to."
  value       = aws_sns_topic.alarms.arn
}

output "deployment_alarm_names" {
  description = "Alarms that a bad release raises, by target group: errors and unhealthy hosts."
  value = {
    for key, target in var.targets : key => concat(
      [aws_cloudwatch_metric_alarm.errors[key].alarm_name],
      target.hosts ? [aws_cloudwatch_metric_alarm.unhealthy[key].alarm_name] : [],
    )
  }
}
