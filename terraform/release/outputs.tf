output "release_number" {
  description = "The release that Terraform applied."
  value       = var.release.number
}

output "task_definition_arn" {
  description = "The task definition's revision that this release runs."
  value       = module.service.task_definition_arn
}

output "service_name" {
  description = "The ECS service."
  value       = module.service.service_name
}

output "function_name" {
  description = "The API function; null where the API runs as tasks."
  value       = one(module.api[*].function_name)
}

output "function_version" {
  description = "The version of the function that this release published."
  value       = one(module.api[*].function_version)
}

output "alias_arn" {
  description = "The alias that the load balancer invokes."
  value       = one(module.api[*].alias_arn)
}

output "alias_version" {
  description = "The version that has the alias's traffic, but for the canary's share."
  value       = one(module.api[*].alias_version)
}

output "api_service_name" {
  description = "The API's ECS service; null where it runs as a function."
  value       = one(module.api_task[*].service_name)
}

output "api_task_definition_arn" {
  description = "The revision that the API's tasks run; null where it is a function."
  value       = one(module.api_task[*].task_definition_arn)
}

output "dashboard_name" {
  description = "The CloudWatch dashboard."
  value       = module.dashboard.name
}
