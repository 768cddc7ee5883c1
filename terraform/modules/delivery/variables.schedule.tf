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
}

variable "retention_days" {
  description = "How long artifacts and logs stay."
  type        = number
  default     = 30
  nullable    = false
}

variable "require_tls" {
  description = "Refuse requests without TLS; false only for the local AWS, which serves plain HTTP on loopback."
  type        = bool
  default     = true
  nullable    = false
}
