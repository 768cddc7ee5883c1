variable "minimum_healthy_percent" {
  description = "Percentage of the desired tasks that must stay healthy during a deployment."
  type        = number
  default     = 100
  nullable    = false
}

variable "maximum_percent" {
  description = "Percentage of the desired tasks that may run at most during a deployment."
  type        = number
  default     = 200
  nullable    = false
}

variable "spot_share" {
  description = "Percentage of the tasks that run on Fargate Spot."
  type        = number
  default     = 0
  nullable    = false
}

variable "deployment_alarms" {
  description = "Whether the alarms for errors and unhealthy hosts roll a deployment back."
  type        = bool
  default     = true
  nullable    = false
}

variable "autoscaling" {
  description = "Autoscaling of the app between minimum and maximum tasks: target values for `cpu` and `memory` in percent and `requests` per task and minute; `schedule` sets other bounds by cron expression (UTC). Null keeps the number in tandem.toml."
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
