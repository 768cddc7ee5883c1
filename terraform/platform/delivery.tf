locals {
  # Known before the module makes it: the release role trusts it.
  build_project_arn = var.delivery == null ? null : "arn:${local.partition}:codebuild:${var.region}:${local.account_id}:project/${local.prefix}-delivery"
}

module "delivery" {
  source = "../modules/delivery"
  count  = var.delivery == null ? 0 : 1

  name           = local.prefix
  environment    = var.environment
  account_id     = local.account_id
  region         = var.region
  repositories   = var.delivery.repositories
  image          = var.delivery.image
  compute_type   = var.delivery.compute_type
  read_token     = var.delivery.read_token
  status_token   = var.delivery.status_token
  approval       = var.delivery.approval
  schedule       = var.delivery.schedule
  emails         = var.delivery.emails
  retention_days = var.delivery.retention_days
  require_tls    = var.require_tls

  secret_kms_key_arns  = var.secret_kms_key_arns
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary

  release_role = {
    name = module.roles.release_role_name
    arn  = module.roles.release_role_arn
  }
}
