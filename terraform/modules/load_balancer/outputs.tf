output "arn" {
  description = "The load balancer."
  value       = aws_lb.this.arn
}

output "dns_name" {
  description = "Its DNS name: the target of an alias record."
  value       = aws_lb.this.dns_name
}

output "zone_id" {
  description = "Its hosted zone, which an alias record needs."
  value       = aws_lb.this.zone_id
}

output "listener_arn" {
  description = "The listener that carries the routes."
  value       = aws_lb_listener.site.arn
}

output "url" {
  description = "Where the site answers."
  value       = "${local.https ? "https" : "http"}://${coalesce(var.domain, aws_lb.this.dns_name)}"
}

output "target_group_arns" {
  description = "Target groups by key."
  value       = { for key, group in aws_lb_target_group.this : key => group.arn }
}

output "target_security_group_id" {
  description = "Whatever joins this group may be reached by the load balancer."
  value       = aws_security_group.target.id
}

output "https" {
  description = "Whether the site is served over HTTPS; without a certificate it is plain HTTP."
  value       = local.https
}

output "arn_suffix" {
  description = "The load balancer as metrics name it."
  value       = aws_lb.this.arn_suffix
}

output "target_group_arn_suffixes" {
  description = "Target groups as metrics name them, by key."
  value       = { for key, group in aws_lb_target_group.this : key => group.arn_suffix }
}

output "certificate_arns" {
  description = "The listener's certificate; empty over plain HTTP."
  value       = local.https ? [local.certificate_arn] : []
}

output "target_stickiness" {
  description = "Seconds that a browser stays with one target, by target group; 0 where it does not."
  value       = { for key, group in aws_lb_target_group.this : key => try(group.stickiness[0].enabled ? group.stickiness[0].cookie_duration : 0, 0) }
}

output "web_acl_arn" {
  description = "The WAF's rules, if there are any."
  value       = one(aws_wafv2_web_acl.this[*].arn)
}
