locals {
  # Without an API there is no runtime: no target group, no route, no alarms.
  api_wanted = var.api_split == null ? { (var.api_runtime) = 100 } : var.api_split
  api_split  = tomap({ for runtime, share in local.api_wanted : runtime => share if var.api_enabled })
  # A runtime has a target group as soon as it has a share of the traffic, or is to get one.
  api_without_traffic = { for runtime in keys(local.api_split) : runtime => 0 }
  api_held            = var.api_shares == null ? local.api_split : merge(local.api_without_traffic, var.api_shares)
  api_shares          = tomap({ for runtime, share in local.api_held : runtime => share if var.api_enabled })
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
