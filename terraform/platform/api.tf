locals {
  api_split = var.api_split == null ? { (var.api_runtime) = 100 } : var.api_split
  # Whatever has a share, or is to have one, has a target group.
  api_shares  = var.api_shares == null ? local.api_split : merge({ for runtime in keys(local.api_split) : runtime => 0 }, var.api_shares)
  api_targets = { lambda = "api", fargate = "api-task" }
}

# Stays when the function leaves the VPC: the function holds it until the release that comes after.
resource "aws_security_group" "function" {
  name        = "${local.full}-function"
  description = "The API function"
  vpc_id      = module.network.vpc_id

  tags = { Name = "${local.full}-function" }
}

moved {
  from = aws_security_group.function[0]
  to   = aws_security_group.function
}

resource "aws_vpc_security_group_egress_rule" "function" {
  count = var.api_vpc ? 1 : 0

  security_group_id = aws_security_group.function.id
  description       = "AWS services"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_vpc_security_group_egress_rule" "database" {
  count = var.database == null ? 0 : 1

  security_group_id            = aws_security_group.function.id
  description                  = "The database proxy"
  ip_protocol                  = "tcp"
  from_port                    = var.database.port
  to_port                      = var.database.port
  referenced_security_group_id = var.database.security_group_id
}

resource "aws_vpc_security_group_ingress_rule" "database" {
  count = var.database == null ? 0 : 1

  security_group_id            = var.database.security_group_id
  description                  = "The API function of ${local.full}"
  ip_protocol                  = "tcp"
  from_port                    = var.database.port
  to_port                      = var.database.port
  referenced_security_group_id = aws_security_group.function.id
}
