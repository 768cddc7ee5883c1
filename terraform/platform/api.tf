locals {
  api_split = var.api_split == null ? { (var.api_runtime) = 100 } : var.api_split
  # A runtime has a target group as soon as it has a share of the traffic, or is to get one.
  api_without_traffic = { for runtime in keys(local.api_split) : runtime => 0 }
  api_shares          = var.api_shares == null ? local.api_split : merge(local.api_without_traffic, var.api_shares)
  api_runtimes        = keys(local.api_shares)
  api_targets         = { lambda = "api", fargate = "api-task" } # keys of target groups
}

# The API has it on both runtimes; its name is older. It remains when the function leaves the VPC: the function uses
# it until the next release.
resource "aws_security_group" "function" {
  name        = "${local.prefix}-function"
  description = "The API function"
  vpc_id      = module.network.vpc_id

  tags = { Name = "${local.prefix}-function" }
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
