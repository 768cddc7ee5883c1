variable "name" {
  description = "Name of the function."
  type        = string
  nullable    = false
}

variable "image" {
  description = "The function's image, by digest."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image must name a digest (repository@sha256:…): a tag can point to another image later."
  }
}

variable "role_arn" {
  description = "Role that the function has."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/", var.role_arn))
    error_message = "role_arn must be the ARN of an IAM role."
  }
}

variable "architecture" {
  description = "`X86_64` or `ARM64`, as the image was built."
  type        = string
  default     = "X86_64"
  nullable    = false

  validation {
    condition     = contains(["X86_64", "ARM64"], var.architecture)
    error_message = "architecture must be X86_64 or ARM64."
  }
}

variable "memory" {
  description = "Memory in MiB; the share of CPU grows with it."
  type        = number
  nullable    = false

  validation {
    condition     = var.memory >= 128 && var.memory <= 10240
    error_message = "memory must be 128 to 10240 MiB."
  }
}

variable "timeout" {
  description = "Seconds after which Lambda ends an invocation."
  type        = number
  nullable    = false

  validation {
    condition     = var.timeout >= 1 && var.timeout <= 900
    error_message = "timeout must be 1 to 900 seconds."
  }
}

variable "environment" {
  description = "Environment variables of the function."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "secrets" {
  description = "ARNs of secrets by name. Lambda cannot put a secret's value into the environment, so the function finds its ARN in `<NAME>_ARN` and reads the secret with its role."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([
      for arn in values(var.secrets) : can(regex("^arn:aws[a-z-]*:(secretsmanager|ssm):[a-z0-9-]+:[0-9]{12}:", arn))
    ])
    error_message = "secrets must be ARNs of Secrets Manager secrets or SSM parameters, never the values themselves."
  }
}

variable "kms_key_arn" {
  description = "KMS key that the environment is encrypted with; null uses Lambda's own key."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key (arn:aws:kms:…)."
  }
}

variable "handler" {
  description = "Replaces the image's command; null keeps it."
  type        = string
  default     = null
}

variable "tracing" {
  description = "Trace with X-Ray."
  type        = bool
  default     = true
  nullable    = false
}

variable "log_group_name" {
  description = "Log group of the function."
  type        = string
  nullable    = false
}
