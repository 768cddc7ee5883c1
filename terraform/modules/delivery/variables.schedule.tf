variable "schedule" {
  description = "When the pipeline also runs, for pushes whose trigger was lost; null is never."
  type        = string
  default     = "rate(1 hour)"

  validation {
    condition     = var.schedule == null || can(regex("^(rate|cron)\\(.+\\)$", var.schedule))
    error_message = "schedule must be rate(…) or cron(…)."
  }

  validation {
    condition     = var.schedule == null || !var.approval
    error_message = "schedule must be null with approval: each scheduled run would ask for one."
  }
}

variable "emails" {
  description = "Who learns of failed runs, and of those that wait for an approval."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for address in var.emails : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", address))])
    error_message = "emails must be email addresses."
  }
}

variable "retention_days" {
  description = "How long artifacts and logs stay."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.retention_days)
    error_message = "retention_days must be a retention that CloudWatch offers, such as 7, 30, 90 or 365."
  }
}

variable "require_tls" {
  description = "Refuse requests without TLS; false only for the local AWS, which serves plain HTTP on loopback."
  type        = bool
  default     = true
  nullable    = false
}
