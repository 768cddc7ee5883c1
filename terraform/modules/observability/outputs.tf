output "log_group_names" {
  description = "The log groups, by key."
  value       = { for key, group in aws_cloudwatch_log_group.this : key => group.name }
}

output "log_group_arns" {
  description = "Their ARNs, by key."
  value       = { for key, group in aws_cloudwatch_log_group.this : key => group.arn }
}

output "topic_arn" {
  description = "Topic that alarms are published to."
  value       = aws_sns_topic.alarms.arn
}

output "deployment_alarm_names" {
  description = "Alarms that a bad release sets off, by target: errors and unhealthy hosts."
  value = {
    for key, target in var.targets : key => concat(
      [aws_cloudwatch_metric_alarm.errors[key].alarm_name],
      target.hosts ? [aws_cloudwatch_metric_alarm.unhealthy[key].alarm_name] : [],
    )
  }
}
