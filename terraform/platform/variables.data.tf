variable "create_repositories" {
  description = "Create the image repositories; false uses those of another environment in the same account."
  type        = bool
  default     = true
  nullable    = false
}

variable "kms_key_arn" {
  description = "KMS key for images, logs, topic, table and bucket; null uses the services' own keys. A change replaces the repositories, and their images are lost."
  type        = string
  default     = null
}

variable "require_tls" {
  description = "Refuse requests without TLS to the release bucket; false only for the local AWS."
  type        = bool
  default     = true
  nullable    = false
}
