variable "retention_days" {
  description = "Days that logs are kept."
  type        = number
  default     = 30
  nullable    = false
}

variable "alarm_emails" {
  description = "Addresses that alarms are sent to."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "slow_seconds" {
  description = "Answers of app and api are too slow beyond this (p95)."
  type        = number
  default     = 1
  nullable    = false
}

variable "container_insights" {
  description = "CloudWatch Container Insights: `disabled`, `enabled` or `enhanced`; it is paid by the metric."
  type        = string
  default     = "enabled"
  nullable    = false

  validation {
    condition     = contains(["disabled", "enabled", "enhanced"], var.container_insights)
    error_message = "container_insights must be disabled, enabled or enhanced."
  }
}
