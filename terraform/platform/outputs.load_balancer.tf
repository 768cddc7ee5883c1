output "app_target_group_arn" {
  description = "Target group that the app's tasks register in."
  value       = module.load_balancer.target_group_arns["app"]
}

output "listener_arn" {
  description = "Listener that holds the path rules."
  value       = module.load_balancer.listener_arn
}

output "load_balancer_arn" {
  description = "ARN of the load balancer."
  value       = module.load_balancer.arn
}

output "load_balancer_dns_name" {
  description = "DNS name of the load balancer."
  value       = module.load_balancer.dns_name
}

output "url" {
  description = "URL of the site."
  value       = var.cdn == null ? module.load_balancer.url : module.cdn[0].url
}

output "https" {
  description = "Whether the site is served over HTTPS; without a certificate it is plain HTTP."
  value       = module.load_balancer.https || var.cdn != null
}

output "load_balancer_arn_suffix" {
  description = "ARN suffix of the load balancer, as its metrics are named."
  value       = module.load_balancer.arn_suffix
}

output "target_group_arn_suffixes" {
  description = "ARN suffixes of the target groups, as their metrics are named, by key: app, api (function), api-task."
  value       = module.load_balancer.target_group_arn_suffixes
}

output "web_acl_arn" {
  description = "ARN of the WAF's web ACL; null without WAF."
  value       = module.load_balancer.web_acl_arn
}

output "service_target_group_arns" {
  description = "Target groups of the services, by key: their own ECS services register in them."
  value       = { for key in keys(var.services) : key => module.load_balancer.target_group_arns[key] }
}
