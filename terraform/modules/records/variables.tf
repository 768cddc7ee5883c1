variable "name" {
  description = "Name of the table and beginning of the bucket's name."
  type        = string
  nullable    = false
}

variable "account_id" {
  description = "Ends the bucket's name, which must be unique among all accounts."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be twelve digits."
  }
}

variable "force_destroy" {
  description = "Delete the bucket with the releases in it."
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
  description = "Refuse requests without TLS. Only the local AWS, which speaks plain HTTP on loopback, has it off."
  type        = bool
  default     = true
  nullable    = false
}
