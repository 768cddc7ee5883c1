module "network" {
  source = "../modules/network"

  name         = local.prefix
  existing     = var.existing_network
  cidr         = var.cidr
  subnet_cidrs = var.subnet_cidrs
  zones        = var.zones
  zone_names   = var.zone_names
  used_zones   = var.used_zones
  nat          = var.nat
  endpoints    = var.endpoints
  flow_logs    = var.flow_logs
  kms_key_arn  = var.kms_key_arn

  role_path            = var.role_path
  permissions_boundary = var.permissions_boundary
}

locals {
  # Tasks run in the private subnets if they can reach the registry from there; otherwise they need a public address.
  has_private_subnets = var.existing_network != null && length(module.network.private_subnet_ids) > 0
  tasks_are_private   = var.nat != "none" || var.endpoints || local.has_private_subnets
}
