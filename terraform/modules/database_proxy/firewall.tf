resource "aws_security_group" "proxy" {
  name        = "${var.name}-database-proxy"
  description = "The RDS Proxy"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-database-proxy" }
}

resource "aws_vpc_security_group_egress_rule" "database" {
  security_group_id            = aws_security_group.proxy.id
  description                  = "To the database"
  ip_protocol                  = "tcp"
  from_port                    = local.database_port
  to_port                      = local.database_port
  referenced_security_group_id = var.database_security_group_id
}

resource "aws_vpc_security_group_ingress_rule" "proxy" {
  security_group_id            = var.database_security_group_id
  description                  = "The RDS Proxy ${var.name}"
  ip_protocol                  = "tcp"
  from_port                    = local.database_port
  to_port                      = local.database_port
  referenced_security_group_id = aws_security_group.proxy.id
}
