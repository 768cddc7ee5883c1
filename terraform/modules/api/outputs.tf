output "function_name" {
  description = "The function."
  value       = aws_lambda_function.this.function_name
}

output "function_version" {
  description = "The version that this release published."
  value       = aws_lambda_function.this.version
}

output "alias_arn" {
  description = "The alias that the load balancer invokes."
  value       = aws_lambda_alias.live.arn
}

output "alias_version" {
  description = "The version that has the alias's traffic, but for the canary's share."
  value       = aws_lambda_alias.live.function_version
}
