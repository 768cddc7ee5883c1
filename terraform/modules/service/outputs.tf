output "task_definition_arn" {
  description = "ARN of the task definition revision that this release registered."
  value       = aws_ecs_task_definition.this.arn
}

output "service_name" {
  description = "Name of the ECS service."
  value       = local.service.name
}
