output "pipeline_name" {
  description = "Name of the pipeline."
  value       = aws_codepipeline.this.name
}

output "topic_arn" {
  description = "ARN of the SNS topic of failed runs and approvals."
  value       = aws_sns_topic.this.arn
}
