variable "load_balancer" {
  description = "Load balancer and target group as metrics name them (`app/name/id/targetgroup/name/id`), for scaling by requests."
  type        = string
  default     = null
}

variable "autoscaling" {
  description = "Scale between minimum and maximum tasks so that each target is met: `cpu` and `memory` in percent, `requests` per task and minute on `load_balancer`. `schedule` maps names to cron expressions (UTC) with other bounds. Null keeps the number fixed."
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

  validation {
    condition     = var.autoscaling == null || try(var.autoscaling.minimum >= 1 && var.autoscaling.maximum >= var.autoscaling.minimum, false)
    error_message = "autoscaling.minimum must be at least 1 and at most autoscaling.maximum."
  }

  validation {
    condition     = var.autoscaling == null || try(alltrue([for percent in [var.autoscaling.cpu, var.autoscaling.memory] : coalesce(percent, 50) >= 10 && coalesce(percent, 50) <= 90]), false)
    error_message = "autoscaling.cpu and autoscaling.memory must be 10 to 90 percent."
  }

  validation {
    condition     = var.autoscaling == null || try(var.autoscaling.requests == null || can(regex("^app/.+/targetgroup/.+", var.load_balancer)), false)
    error_message = "autoscaling.requests needs load_balancer, such as app/name/id/targetgroup/name/id."
  }

  validation {
    condition     = var.autoscaling == null || try(length(compact([var.autoscaling.cpu, var.autoscaling.memory, var.autoscaling.requests])) + length(var.autoscaling.schedule) > 0, false)
    error_message = "autoscaling needs something to go by: cpu, memory, requests or schedule."
  }

  validation {
    condition     = var.autoscaling == null || try(alltrue([for entry in values(var.autoscaling.schedule) : can(regex("^cron\\(", entry.cron)) && entry.minimum <= entry.maximum]), false)
    error_message = "autoscaling.schedule.*.cron must be a cron(…) expression, and minimum at most maximum."
  }
}
