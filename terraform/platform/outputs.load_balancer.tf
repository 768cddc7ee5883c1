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

output "https" {
  description = "Whether the site is served over HTTPS; without a certificate it is plain HTTP."
  value       = module.load_balancer.https || var.cdn != null
}

output "load_balancer_arn_suffix" {
  description = "The load balancer as metrics name it."
  value       = module.load_balancer.arn_suffix
}

output "target_group_arn_suffixes" {
  description = "Target groups as metrics name them, by key: app, api (function), api-task."
  value       = module.load_balancer.target_group_arn_suffixes
}

output "web_acl_arn" {
  description = "The WAF's rules; null without."
  value       = module.load_balancer.web_acl_arn
}
