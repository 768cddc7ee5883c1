module "registry" {
  source = "../modules/registry"

  repositories = local.repositories
  functions    = { api = "arn:${local.partition}:lambda:${var.region}:${local.account_id}:function:${local.functions}" }
  create       = var.create_repositories
  kms_key_arn  = var.kms_key_arn
  force_delete = !var.deletion_protection && (var.repositories_per_environment || var.delete_images)
}

module "records" {
  source = "../modules/records"

  name          = local.prefix
  account_id    = local.account_id
  kms_key_arn   = var.kms_key_arn
  require_tls   = var.require_tls
  force_destroy = !var.deletion_protection
}
