variable "max_connections_percent" {
  description = "Share of the database's connections that the proxy may open, in percent."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.max_connections_percent >= 1 && var.max_connections_percent <= 100
    error_message = "max_connections_percent must be 1 to 100."
  }
}

variable "idle_client_timeout" {
  description = "Seconds after which the proxy closes a client's idle connection."
  type        = number
  default     = 1800
  nullable    = false

  validation {
    condition     = var.idle_client_timeout >= 1 && var.idle_client_timeout <= 28800
    error_message = "idle_client_timeout must be 1 to 28800 seconds (eight hours)."
  }
}

variable "kms_key_arn" {
  description = "KMS key that the secret is encrypted with; null is Secrets Manager's own."
  type        = string
  default     = null
}

variable "recovery_days" {
  description = "Days in which a deleted secret can be restored, and its name not be used again: 7 to 30, or 0 to delete it at once."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.recovery_days == 0 || (var.recovery_days >= 7 && var.recovery_days <= 30)
    error_message = "recovery_days must be 0 or 7 to 30."
  }
}

variable "path" {
  description = "Path of the role."
  type        = string
  default     = "/"
  nullable    = false
}

variable "permissions_boundary" {
  description = "ARN of the policy that bounds the role's permissions; null is none."
  type        = string
  default     = null
}
