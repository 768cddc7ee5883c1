output "function_name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "function_version" {
  description = "Version that this release published."
  value       = aws_lambda_function.this.version
}

output "alias_arn" {
  description = "ARN of the alias that the load balancer invokes."
  value       = aws_lambda_alias.live.arn
}

output "alias_version" {
  description = "Version that gets the alias's traffic, except the canary's share."
  value       = aws_lambda_alias.live.function_version
}

output "file_system_path" {
  description = "Folder that the function mounts its file system at; null without one."
  value       = one(aws_lambda_function.this.file_system_config[*].local_mount_path)
}

output "environment" {
  description = "Environment variables of the function."
  value       = local.environment
}
