variable "minimum_healthy_percent" {
  description = "Share of the desired tasks that stays up during a deployment."
  type        = number
  default     = 100
  nullable    = false
}

variable "maximum_percent" {
  description = "Share of the desired tasks that may run at most during a deployment."
  type        = number
  default     = 200
  nullable    = false
}

variable "spot_share" {
  description = "Percent of the tasks that run on Fargate Spot."
  type        = number
  default     = 0
  nullable    = false
}

variable "deployment_alarms" {
  description = "Let the alarms for errors and unhealthy hosts roll a deployment back."
  type        = bool
  default     = true
  nullable    = false
}

variable "autoscaling" {
  description = "Scale the app between minimum and maximum: `cpu` and `memory` in percent, `requests` per task and minute, `schedule` other bounds by cron expression (UTC). Null keeps the number of tandem.toml."
  type = object({
    minimum  = number
    maximum  = number
    cpu      = optional(number)
    memory   = optional(number)
    requests = optional(number)
    cooldown = optional(object({ in = optional(number, 300), out = optional(number, 60) }), {})
    schedule = optional(map(object({ cron = string, minimum = number, maximum = number })), {})
  })
  default = null
}
