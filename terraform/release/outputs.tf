output "release_number" {
  description = "Number of the release that Terraform applied."
  value       = var.release.number
}

output "task_definition_arn" {
  description = "Task definition revision that this release runs."
  value       = module.service.task_definition_arn
}

output "service_name" {
  description = "Name of the app's ECS service."
  value       = module.service.service_name
}

output "function_name" {
  description = "Name of the API function; null if the API runs as tasks, or if there is none."
  value       = one(module.api[*].function_name)
}

output "function_version" {
  description = "Version of the function that this release published."
  value       = one(module.api[*].function_version)
}

output "alias_arn" {
  description = "ARN of the alias that the load balancer invokes."
  value       = one(module.api[*].alias_arn)
}

output "alias_version" {
  description = "Version that gets the alias's traffic, except the canary's share."
  value       = one(module.api[*].alias_version)
}

output "api_service_name" {
  description = "Name of the API's ECS service; null if the API runs as a function, or if there is none."
  value       = one(module.api_task[*].service_name)
}

output "api_task_definition_arn" {
  description = "Task definition revision of the API's tasks; null if the API runs as a function."
  value       = one(module.api_task[*].task_definition_arn)
}

output "dashboard_name" {
  description = "Name of the CloudWatch dashboard."
  value       = module.dashboard.name
}
