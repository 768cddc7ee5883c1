resource "aws_security_group" "balancer" {
  name        = "${var.name}-balancer"
  description = "The load balancer"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-balancer" }

  lifecycle {
    precondition {
      condition     = length(local.rules_for_cidrs) + 55 * length(local.rules_for_prefix_lists) <= 60
      error_message = "ingress_cidrs must fit the 60 rules of a security group: with HTTPS each range takes two, and CloudFront's prefix list counts as 55. Name wider ranges."
    }
  }
}

resource "aws_vpc_security_group_ingress_rule" "visitors" {
  for_each = merge(local.rules_for_cidrs, local.rules_for_prefix_lists)

  security_group_id = aws_security_group.balancer.id
  description       = each.key
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  cidr_ipv4         = each.value.cidr
  prefix_list_id    = each.value.prefix_list_id
}

resource "aws_vpc_security_group_egress_rule" "targets" {
  for_each = local.target_ports

  security_group_id            = aws_security_group.balancer.id
  description                  = "To the targets"
  ip_protocol                  = "tcp"
  from_port                    = tonumber(each.key)
  to_port                      = tonumber(each.key)
  referenced_security_group_id = aws_security_group.target.id
}

resource "aws_security_group" "target" {
  name        = "${var.name}-target"
  description = "What the load balancer forwards to"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-target" }
}

resource "aws_vpc_security_group_ingress_rule" "balancer" {
  for_each = local.target_ports

  security_group_id            = aws_security_group.target.id
  description                  = "From the load balancer"
  ip_protocol                  = "tcp"
  from_port                    = tonumber(each.key)
  to_port                      = tonumber(each.key)
  referenced_security_group_id = aws_security_group.balancer.id
}

resource "aws_vpc_security_group_egress_rule" "https" {
  security_group_id = aws_security_group.target.id
  description       = "Registry, logs, secrets"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}

locals {
  # With HTTPS port 80 is open too: it redirects to 443.
  listener_ports = local.https ? { HTTP = 80, HTTPS = 443 } : { HTTP = 80 }
  # CloudFront needs no redirect. Its prefix list counts as 55 rules, and a group has 60: a second port would be too many.
  origin_ports = local.https ? { HTTPS = 443 } : { HTTP = 80 }

  rules_for_cidrs = merge([for cidr in var.ingress_cidrs : {
    for protocol, port in local.listener_ports :
    "${protocol} from ${cidr}" => { port = port, cidr = cidr, prefix_list_id = null }
  }]...)
  rules_for_prefix_lists = merge([for key, id in var.ingress_prefix_list_ids : {
    for protocol, port in local.origin_ports :
    "${protocol} from ${key}" => { port = port, cidr = null, prefix_list_id = id }
  }]...)

  target_ports = toset([for target in var.targets : tostring(target.port) if target.kind == "ip"])
}
