output "host" {
  description = "Host name that the API connects to."
  value       = aws_db_proxy.this.endpoint
}

output "port" {
  description = "Port that the proxy listens on: the engine's own."
  value       = local.engine.port
}

output "user_arn" {
  description = "The database user, as IAM names it: the API may connect as this one."
  value       = "arn:${data.aws_partition.current.partition}:rds-db:${var.region}:${var.account_id}:dbuser:${split(":", aws_db_proxy.this.arn)[6]}/${var.user}"
}

output "security_group_id" {
  description = "Security group of the proxy."
  value       = aws_security_group.proxy.id
}

output "secret_arn" {
  description = "Secret with `username` and `password` of the database user."
  value       = local.secret_arn
}
