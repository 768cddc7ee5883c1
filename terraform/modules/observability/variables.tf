variable "name" {
  description = "Prefix of the alarms and name of the topic."
  type        = string
  nullable    = false
}

variable "log_groups" {
  description = "Names of the log groups by key."
  type        = map(string)
  nullable    = false
}

variable "retention_days" {
  description = "Days that logs are kept."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653], var.retention_days)
    error_message = "retention_days must be a number that CloudWatch knows, such as 7, 30, 90 or 365."
  }
}

variable "kms_key_arn" {
  description = "KMS key for logs and topic; null uses the services' own keys."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key (arn:aws:kms:…)."
  }
}

variable "emails" {
  description = "Addresses that alarms are sent to; each confirms once."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for address in var.emails : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", address))])
    error_message = "emails must be mail addresses."
  }
}
