# Discrete values, the only interface to the pipeline and, through it, to the release root.

output "name" {
  description = "Prefix of everything in this environment."
  value       = local.full
}

output "region" {
  description = "AWS region."
  value       = var.region
}

output "account_id" {
  description = "The account."
  value       = local.account_id
}

output "cluster_name" {
  description = "The ECS cluster."
  value       = aws_ecs_cluster.this.name
}

output "cluster_arn" {
  description = "Its ARN."
  value       = aws_ecs_cluster.this.arn
}

output "service_name" {
  description = "Name for the ECS service."
  value       = local.full
}

output "service_subnet_ids" {
  description = "Subnets for tasks."
  value       = local.private ? module.network.private_subnet_ids : module.network.public_subnet_ids
}

output "service_assign_public_ip" {
  description = "Whether tasks need a public address to reach the registry."
  value       = !local.private
}

output "service_security_group_id" {
  description = "Security group for tasks."
  value       = module.load_balancer.target_security_group_id
}

output "execution_role_arn" {
  description = "ECS starts tasks with this role."
  value       = module.roles.execution_role_arn
}

output "task_role_arn" {
  description = "Code in the tasks runs with this role."
  value       = module.roles.task_role_arn
}

output "app_log_group" {
  description = "Where tasks log."
  value       = module.observability.log_group_names["app"]
}

output "repository_urls" {
  description = "Where to push app, static, api, monolith and site."
  value = {
    for key, name in local.repositories : key =>
    var.registry_host == null ? module.registry.repository_urls[key] : "${var.registry_host}/${name}"
  }
}

output "releases_bucket" {
  description = "Bucket of the releases' manifests."
  value       = module.records.bucket
}

output "records_table" {
  description = "Table of build and deployment records."
  value       = module.records.table_name
}

output "kms_key_arn" {
  description = "Key that the function's environment is encrypted with; null is Lambda's own."
  value       = var.kms_key_arn
}

output "deployment_alarm_names" {
  description = "Alarms that roll a deployment back, by the same keys."
  value       = module.observability.deployment_alarm_names
}

output "alarm_topic_arn" {
  description = "Topic that alarms are published to."
  value       = module.observability.topic_arn
}

output "release_role_arn" {
  description = "Role that applies releases and can do nothing else."
  value       = module.roles.release_role_arn
}
