output "task_definition_arn" {
  description = "The revision that this release registered."
  value       = aws_ecs_task_definition.this.arn
}

output "service_name" {
  description = "The ECS service."
  value       = local.service.name
}
