variable "create_repositories" {
  description = "Create the image repositories; false uses those of another environment in the same account."
  type        = bool
  default     = true
  nullable    = false
}

variable "repositories_per_environment" {
  description = "Name the image repositories `name/environment/image`, so that several environments of one account have their own; false names them `name/image`. A change replaces the repositories, and their images are lost."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.repositories_per_environment || var.create_repositories
    error_message = "repositories_per_environment needs create_repositories = true: repositories of another environment have no name of this one. Set repositories_per_environment = false to share those named name/image."
  }
}

variable "delete_images" {
  description = "Delete repositories with the images in them. `tandem destroy` sets it, after a question."
  type        = bool
  default     = false
  nullable    = false
}

variable "kms_key_arn" {
  description = "KMS key for images, logs, topic, table and bucket; null uses the services' own keys. A change replaces the repositories, and their images are lost."
  type        = string
  default     = null
}

variable "require_tls" {
  description = "Refuse requests without TLS to the buckets; false only for the local AWS."
  type        = bool
  default     = true
  nullable    = false
}
