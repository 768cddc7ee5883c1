variable "name" {
  description = "Prefix of the names of table and bucket."
  type        = string
  nullable    = false
}

variable "account_id" {
  description = "Account ID, which makes the bucket's name unique among all accounts."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be twelve digits."
  }
}

variable "force_destroy" {
  description = "Delete the bucket even if it holds releases."
  type        = bool
  default     = false
  nullable    = false
}

variable "kms_key_arn" {
  description = "KMS key for table and bucket; null uses keys that AWS manages."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key (arn:aws:kms:…)."
  }
}

variable "require_tls" {
  description = "Refuse requests without TLS; false only for the local AWS, which serves plain HTTP on loopback."
  type        = bool
  default     = true
  nullable    = false
}
