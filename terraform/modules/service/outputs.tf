output "task_definition_arn" {
  description = "ARN of the task definition revision that this release registered."
  value       = aws_ecs_task_definition.this.arn
}

output "service_name" {
  description = "Name of the ECS service."
  value       = local.service.name
}

output "security_group_ids" {
  description = "Security groups of the tasks."
  value       = local.service.network_configuration[0].security_groups
}

output "task_role_arn" {
  description = "Role that the code in the tasks has."
  value       = aws_ecs_task_definition.this.task_role_arn
}

output "exec" {
  description = "Whether ECS Exec is allowed."
  value       = local.service.enable_execute_command
}
