module "network" {
  source = "../modules/network"

  name         = local.full
  existing     = var.existing_network
  cidr         = var.cidr
  subnet_cidrs = var.subnet_cidrs
  zones        = var.zones
  nat          = var.nat
  endpoints    = var.endpoints
  flow_logs    = var.flow_logs
  kms_key_arn  = var.kms_key_arn
}

locals {
  # Tasks that reach the registry from a private subnet live there; the others need a public address.
  private = var.nat != "none" || var.endpoints || (var.existing_network != null && length(module.network.private_subnet_ids) > 0)
}
