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
