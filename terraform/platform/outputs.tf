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

output "app_target_group_arn" {
  description = "Where tasks register."
  value       = module.load_balancer.target_group_arns["app"]
}

output "listener_arn" {
  description = "The listener that carries the routes."
  value       = module.load_balancer.listener_arn
}

output "load_balancer_arn" {
  description = "The load balancer."
  value       = module.load_balancer.arn
}

output "load_balancer_dns_name" {
  description = "Its DNS name."
  value       = module.load_balancer.dns_name
}

output "url" {
  description = "Where the site answers."
  value       = var.cdn == null ? module.load_balancer.url : module.cdn[0].url
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

output "https" {
  description = "Whether the site is served over HTTPS; without a certificate it is plain HTTP."
  value       = module.load_balancer.https || var.cdn != null
}

output "kms_key_arn" {
  description = "Key that the function's environment is encrypted with; null is Lambda's own."
  value       = var.kms_key_arn
}

output "load_balancer_arn_suffix" {
  description = "The load balancer as metrics name it."
  value       = module.load_balancer.arn_suffix
}

output "target_group_arn_suffixes" {
  description = "Target groups as metrics name them, by key: app, api (function), api-task."
  value       = module.load_balancer.target_group_arn_suffixes
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

output "web_acl_arn" {
  description = "The WAF's rules; null without."
  value       = module.load_balancer.web_acl_arn
}
