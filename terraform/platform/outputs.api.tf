# What the release root needs to run the API on either runtime.

output "api_target_group_arn" {
  description = "Target group of api_runtime: the API's function is attached to it, or its tasks register in it. Null without an API."
  value       = var.api_enabled ? module.load_balancer.target_group_arns[local.api_targets[var.api_runtime]] : null
}

output "function_role_arn" {
  description = "Role that the API function has."
  value       = module.roles.function_role_arn
}

output "api_task_role_arn" {
  description = "Role that the code in the API's tasks has."
  value       = module.roles.api_task_role_arn
}

output "exec" {
  description = "Whether commands may be run in running tasks, of the app and of the API."
  value       = local.exec
}

output "run_family" {
  description = "Family of the task definition for one-off commands, which the release root registers."
  value       = "${local.prefix}-run"
}

output "function_name" {
  description = "Name of the API function, which the release root creates."
  value       = "${local.prefix}-api"
}

output "function_log_group" {
  description = "Log group of the API function."
  value       = module.observability.log_group_names["api"]
}

output "api_target_group_arns" {
  description = "The API's target groups by runtime, for the runtimes that have a share of its traffic or are to get one."
  value       = { for runtime in local.api_runtimes : runtime => module.load_balancer.target_group_arns[local.api_targets[runtime]] }
}

output "api_split" {
  description = "How the API's traffic is to be split between the runtimes, from api_split and api_runtime."
  value       = local.api_split
}

output "api_shares" {
  description = "How the API's traffic is split now: a new runtime has no share until it serves."
  value       = local.api_shares
}

output "api_runtime" {
  description = "What runs the API: lambda or fargate."
  value       = var.api_runtime
}

output "database" {
  description = "What the API needs to connect to its database: host, port and user; null without one, or without a host."
  value = try(local.database.host, null) == null ? null : {
    host = local.database.host
    port = local.database.port
    user = element(split("/", local.database.user_arn), length(split("/", local.database.user_arn)) - 1)
  }
}

output "database_secret_arn" {
  description = "Secret that the created RDS Proxy reads: fill it with username and password. Null without one."
  value       = local.makes_proxy ? local.proxy.secret_arn : null
}

output "api_file_system" {
  description = "EFS file system that the API mounts; null is none."
  value       = var.api_file_system
}

output "api_multi_value_headers" {
  description = "Whether the function gets all values of headers and query parameters, in lists."
  value       = var.api_multi_value_headers
}

output "api_port" {
  description = "Port of the API's container, for fargate."
  value       = var.api_port
}

output "api_log_group" {
  description = "Log group of the API's tasks."
  value       = module.observability.log_group_names["api-task"]
}

output "function_subnet_ids" {
  description = "Subnets of the function; empty if it runs outside the VPC."
  value       = var.api_vpc ? module.network.private_subnet_ids : []
}

output "function_security_group_ids" {
  description = "Security groups of the function; empty if it runs outside the VPC."
  value       = var.api_vpc ? local.api_group_ids : []
}

output "api_task_security_group_ids" {
  description = "Security groups of the API's tasks."
  value       = local.api_task_group_ids
}

output "api_environment" {
  description = "Variables that the platform gives to the API's code: where the releases and the records are and what serves, with api_reads_releases."
  # Their values stay while the API moves between its runtimes: a changed one would be a difference from the release.
  value = !var.api_reads_releases ? {} : {
    TANDEM_RELEASES      = "s3://${module.records.bucket}/${var.environment}/"
    TANDEM_RECORDS       = module.records.table_name
    TANDEM_LOAD_BALANCER = module.load_balancer.arn
    TANDEM_FUNCTION      = "${local.prefix}-api"
  }
}
