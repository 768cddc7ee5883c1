locals {
  makes_proxy  = var.database_proxy != null
  has_database = var.database != null || local.makes_proxy
  proxy        = one(module.database_proxy)
  made_database = local.makes_proxy ? {
    host              = local.proxy.host
    port              = local.proxy.port
    user_arn          = local.proxy.user_arn
    security_group_id = local.proxy.security_group_id
  } : null
  database = local.makes_proxy ? local.made_database : var.database
}

module "database_proxy" {
  source = "../modules/database_proxy"
  count  = local.makes_proxy ? 1 : 0

  name                       = local.prefix
  account_id                 = local.account_id
  region                     = var.region
  vpc_id                     = module.network.vpc_id
  subnet_ids                 = module.network.private_subnet_ids
  engine                     = var.database_proxy.engine
  instance                   = var.database_proxy.instance
  cluster                    = var.database_proxy.cluster
  user                       = var.database_proxy.user
  database_security_group_id = var.database_proxy.security_group_id
  database_port              = var.database_proxy.port
  secret_arn                 = var.database_proxy.secret_arn
  secret_kms_key_arns        = var.secret_kms_key_arns
  recovery_days              = var.deletion_protection ? 30 : 0
  kms_key_arn                = var.kms_key_arn
  path                       = var.role_path
  permissions_boundary       = var.permissions_boundary
}

# Whether the proxy is Tandem's own.
resource "terraform_data" "makes_proxy" {
  input = local.makes_proxy
}

# If Tandem's own proxy goes, the rule is deleted before its security group: an update would come after it, and AWS deletes
# no group to which a rule refers.
resource "aws_vpc_security_group_egress_rule" "database" {
  count = local.has_database ? 1 : 0

  security_group_id            = aws_security_group.function.id
  description                  = "The database proxy"
  ip_protocol                  = "tcp"
  from_port                    = local.database.port
  to_port                      = local.database.port
  referenced_security_group_id = local.database.security_group_id

  lifecycle {
    replace_triggered_by = [terraform_data.makes_proxy]
  }
}

resource "aws_vpc_security_group_ingress_rule" "database" {
  count = local.has_database ? 1 : 0

  security_group_id            = local.database.security_group_id
  description                  = "The API of ${local.prefix}"
  ip_protocol                  = "tcp"
  from_port                    = local.database.port
  to_port                      = local.database.port
  referenced_security_group_id = aws_security_group.function.id
}
