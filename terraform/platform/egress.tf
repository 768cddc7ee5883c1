# The app's tasks have this group only with rules of their own: nginx needs none.
resource "aws_security_group" "app" {
  name        = "${local.prefix}-app"
  description = "The tasks of the app"
  vpc_id      = module.network.vpc_id

  tags = { Name = "${local.prefix}-app" }
}

resource "aws_vpc_security_group_egress_rule" "app" {
  for_each = var.egress.app

  security_group_id            = aws_security_group.app.id
  description                  = each.key
  ip_protocol                  = each.value.protocol
  from_port                    = each.value.port
  to_port                      = coalesce(each.value.to_port, each.value.port)
  cidr_ipv4                    = each.value.cidr
  referenced_security_group_id = each.value.security_group_id
  prefix_list_id               = each.value.prefix_list_id
}

resource "aws_vpc_security_group_egress_rule" "api" {
  for_each = var.egress.api

  security_group_id            = aws_security_group.function.id
  description                  = each.key
  ip_protocol                  = each.value.protocol
  from_port                    = each.value.port
  to_port                      = coalesce(each.value.to_port, each.value.port)
  cidr_ipv4                    = each.value.cidr
  referenced_security_group_id = each.value.security_group_id
  prefix_list_id               = each.value.prefix_list_id
}

locals {
  api_is_in_vpc = var.api_vpc || contains(local.api_runtimes, "fargate")

  tasks_group_id     = module.load_balancer.target_security_group_id
  app_has_rules      = length(var.egress.app) > 0
  app_group_ids      = concat([local.tasks_group_id], local.app_has_rules ? [aws_security_group.app.id] : [], var.security_group_ids.app)
  api_group_ids      = concat([aws_security_group.function.id], var.security_group_ids.api)
  api_task_group_ids = concat([local.tasks_group_id], local.api_group_ids)
}
