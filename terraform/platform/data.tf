variable "create_repositories" {
  description = "Make the image repositories; false shares those of another environment in the same account."
  type        = bool
  default     = true
  nullable    = false
}

variable "kms_key_arn" {
  description = "KMS key for images, logs, topic, table and bucket; null uses the services' own keys. Another key later means new repositories, without their images."
  type        = string
  default     = null
}

variable "require_tls" {
  description = "Refuse requests without TLS to the releases' bucket; false only for the local AWS."
  type        = bool
  default     = true
  nullable    = false
}

module "registry" {
  source = "../modules/registry"

  repositories = local.repositories
  functions    = { api = "arn:aws:lambda:${var.region}:${local.account_id}:function:${var.name}-*-api" }
  create       = var.create_repositories
  kms_key_arn  = var.kms_key_arn
  force_delete = !var.deletion_protection
}

module "records" {
  source = "../modules/records"

  name          = local.full
  account_id    = local.account_id
  kms_key_arn   = var.kms_key_arn
  require_tls   = var.require_tls
  force_destroy = !var.deletion_protection
}
