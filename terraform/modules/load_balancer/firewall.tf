resource "aws_security_group" "balancer" {
  name        = "${var.name}-balancer"
  description = "The load balancer"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-balancer" }
}

resource "aws_vpc_security_group_ingress_rule" "visitors" {
  for_each = merge(local.from_cidrs, local.from_lists)

  security_group_id = aws_security_group.balancer.id
  description       = each.key
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  cidr_ipv4         = each.value.cidr
  prefix_list_id    = each.value.list
}

resource "aws_vpc_security_group_egress_rule" "targets" {
  for_each = local.ports

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
  for_each = local.ports

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
  # Port 80 stays open beside 443: it redirects.
  open       = local.https ? { HTTP = 80, HTTPS = 443 } : { HTTP = 80 }
  from_cidrs = merge([for cidr in var.ingress_cidrs : { for name, port in local.open : "${name} from ${cidr}" => { port = port, cidr = cidr, list = null } }]...)
  from_lists = merge([for key, list in var.ingress_prefix_list_ids : { for name, port in local.open : "${name} from ${key}" => { port = port, cidr = null, list = list } }]...)

  ports = toset([for target in var.targets : tostring(target.port) if target.kind == "ip"])
}
