# The pipeline reads these outputs, and passes them on to the release root: there is no other interface.

output "name" {
  description = "Prefix of all names in this environment."
  value       = local.prefix
}

output "region" {
  description = "AWS region."
  value       = var.region
}

output "account_id" {
  description = "The AWS account."
  value       = local.account_id
}

output "tags" {
  description = "Tags of all resources; the release root adds its own."
  value       = local.tags
}

output "cluster_name" {
  description = "The ECS cluster."
  value       = aws_ecs_cluster.this.name
}

output "cluster_arn" {
  description = "ARN of the ECS cluster."
  value       = aws_ecs_cluster.this.arn
}

output "service_name" {
  description = "Name of the ECS service, which the release root creates."
  value       = local.prefix
}

output "service_subnet_ids" {
  description = "Subnets of the tasks."
  value       = local.tasks_are_private ? module.network.private_subnet_ids : module.network.public_subnet_ids
}

output "service_assign_public_ip" {
  description = "Whether tasks need a public address to reach the registry."
  value       = !local.tasks_are_private
}

output "service_security_group_ids" {
  description = "Security groups of the app's tasks."
  value       = local.app_group_ids
}

output "service_security_group_id" {
  description = "Security group that all tasks have: the load balancer reaches them through it."
  value       = module.load_balancer.target_security_group_id
}

output "execution_role_arn" {
  description = "Role that ECS starts tasks with."
  value       = module.roles.execution_role_arn
}

output "task_role_arn" {
  description = "Role that the code in the tasks has."
  value       = module.roles.task_role_arn
}

output "app_log_group" {
  description = "Log group of the app's tasks."
  value       = module.observability.log_group_names["app"]
}

output "repository_urls" {
  description = "Repositories of the images app, static, api, monolith and site, by key."
  value = {
    for key, name in local.repositories : key =>
    var.registry_host == null ? module.registry.repository_urls[key] : "${var.registry_host}/${name}"
  }
}

output "deletion_protection" {
  description = "Whether load balancer and data are protected; `tandem destroy` refuses then."
  value       = var.deletion_protection
}

output "releases_bucket" {
  description = "Bucket of the release manifests."
  value       = module.records.bucket
}

output "records_table" {
  description = "Table of build and deployment records."
  value       = module.records.table_name
}

output "kms_key_arn" {
  description = "KMS key that the function's environment is encrypted with; null is Lambda's own."
  value       = var.kms_key_arn
}

output "deployment_alarm_names" {
  description = "Alarms that roll a deployment back, by key of the target group."
  value       = module.observability.deployment_alarm_names
}

output "alarm_topic_arn" {
  description = "SNS topic that alarms are published to."
  value       = module.observability.topic_arn
}

output "release_role_arn" {
  description = "Role that applies releases and may do nothing else."
  value       = module.roles.release_role_arn
}
