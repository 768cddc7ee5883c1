variable "retention_days" {
  description = "Retention of logs in days."
  type        = number
  default     = 30
  nullable    = false
}

variable "alarm_emails" {
  description = "Email addresses that alarms are sent to."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "slow_seconds" {
  description = "Response time of app and API in seconds (p95) above which an alarm is raised."
  type        = number
  default     = 1
  nullable    = false
}

variable "container_insights" {
  description = "CloudWatch Container Insights: `disabled`, `enabled` or `enhanced`; AWS charges for each metric."
  type        = string
  default     = "enabled"
  nullable    = false

  validation {
    condition     = contains(["disabled", "enabled", "enhanced"], var.container_insights)
    error_message = "container_insights must be disabled, enabled or enhanced."
  }
}
