output "arn" {
  description = "ARN of the load balancer."
  value       = aws_lb.this.arn
}

output "dns_name" {
  description = "DNS name of the load balancer: the target of an alias record."
  value       = aws_lb.this.dns_name
}

output "zone_id" {
  description = "Hosted zone of the load balancer, which an alias record needs."
  value       = aws_lb.this.zone_id
}

output "listener_arn" {
  description = "Listener that holds the path rules."
  value       = aws_lb_listener.site.arn
}

output "url" {
  description = "URL of the site."
  value       = "${local.https ? "https" : "http"}://${coalesce(var.domain, aws_lb.this.dns_name)}"
}

output "target_group_arns" {
  description = "ARNs of the target groups, by key."
  value       = { for key, group in aws_lb_target_group.this : key => group.arn }
}

output "target_security_group_id" {
  description = "Security group of the targets: the load balancer may reach its members."
  value       = aws_security_group.target.id
}

output "https" {
  description = "Whether the site is served over HTTPS; without a certificate it is plain HTTP."
  value       = local.https
}

output "arn_suffix" {
  description = "ARN suffix of the load balancer, as its metrics are named."
  value       = aws_lb.this.arn_suffix
}

output "target_group_arn_suffixes" {
  description = "ARN suffixes of the target groups, as their metrics are named, by key."
  value       = { for key, group in aws_lb_target_group.this : key => group.arn_suffix }
}

output "certificate_arns" {
  description = "Certificate of the listener; empty over plain HTTP."
  value       = local.https ? [local.certificate_arn] : []
}

output "target_stickiness" {
  description = "Seconds that a browser is routed to the same target, by target group; 0 is off."
  value = {
    for key, group in aws_lb_target_group.this :
    key => try(group.stickiness[0].enabled ? group.stickiness[0].cookie_duration : 0, 0)
  }
}

output "web_acl_arn" {
  description = "ARN of the WAF's web ACL; null without WAF."
  value       = one(aws_wafv2_web_acl.this[*].arn)
}

output "is_internal" {
  description = "Whether the load balancer is reachable from within the VPC only."
  value       = aws_lb.this.internal
}

output "ingress" {
  description = "Ports that are open, by protocol and source."
  value       = { for name, rule in aws_vpc_security_group_ingress_rule.visitors : name => rule.from_port }
}
