# What the release root needs for the API, whichever runs it.

output "api_target_group_arn" {
  description = "Where the API's function is attached, or its tasks register: that of api_runtime."
  value       = module.load_balancer.target_group_arns[local.api_targets[var.api_runtime]]
}

output "function_role_arn" {
  description = "The API function runs with this role."
  value       = module.roles.function_role_arn
}

output "function_name" {
  description = "Name for the API function."
  value       = "${local.full}-api"
}

output "function_log_group" {
  description = "Where the function logs."
  value       = module.observability.log_group_names["api"]
}

output "api_target_group_arns" {
  description = "The API's target groups by runtime, for those that have a share of its traffic or are to have one."
  value       = { for runtime in keys(local.api_shares) : runtime => module.load_balancer.target_group_arns[local.api_targets[runtime]] }
}

output "api_split" {
  description = "How the API's traffic is to be shared, as api_split and api_runtime say."
  value       = local.api_split
}

output "api_shares" {
  description = "How it is shared now: what was just asked for has none until it serves."
  value       = local.api_shares
}

output "api_runtime" {
  description = "What runs the API: lambda or fargate."
  value       = var.api_runtime
}

output "api_port" {
  description = "Port of the API's container, with fargate."
  value       = var.api_port
}

output "api_log_group" {
  description = "Where the API logs when it runs as a task."
  value       = module.observability.log_group_names["api-task"]
}

output "function_subnet_ids" {
  description = "Subnets of the function; empty where it runs outside the VPC."
  value       = var.api_vpc ? module.network.private_subnet_ids : []
}

output "function_security_group_ids" {
  description = "Security groups of the function; empty where it runs outside the VPC."
  value       = var.api_vpc ? [aws_security_group.function.id] : []
}
