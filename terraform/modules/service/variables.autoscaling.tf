variable "load_balancer" {
  description = "ARN suffixes of load balancer and target group, as their metrics are named (`app/name/id/targetgroup/name/id`), for scaling by requests."
  type        = string
  default     = null
}

variable "autoscaling" {
  description = "Autoscaling between minimum and maximum tasks: target values for `cpu` and `memory` in percent and for `requests` per task and minute on `load_balancer`. `schedule` maps names to cron expressions (UTC) with other bounds. Null keeps desired_count tasks."
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
    condition = var.autoscaling == null || try(
      var.autoscaling.minimum >= 1 && var.autoscaling.maximum >= var.autoscaling.minimum,
      false,
    )
    error_message = "autoscaling.minimum must be at least 1 and at most autoscaling.maximum."
  }

  validation {
    condition = var.autoscaling == null || try(
      alltrue([for percent in compact([var.autoscaling.cpu, var.autoscaling.memory]) : percent >= 10 && percent <= 90]),
      false,
    )
    error_message = "autoscaling.cpu and autoscaling.memory must be 10 to 90 percent."
  }

  validation {
    condition = var.autoscaling == null || try(
      var.autoscaling.requests == null || can(regex("^app/.+/targetgroup/.+", var.load_balancer)),
      false,
    )
    error_message = "autoscaling.requests needs load_balancer, such as app/name/id/targetgroup/name/id."
  }

  validation {
    condition = var.autoscaling == null || try(
      anytrue([for key in ["cpu", "memory", "requests"] : var.autoscaling[key] != null]) || length(var.autoscaling.schedule) > 0,
      false,
    )
    error_message = "autoscaling needs at least one of cpu, memory, requests and schedule."
  }

  validation {
    condition = var.autoscaling == null || try(
      alltrue([
        for entry in values(var.autoscaling.schedule) :
        can(regex("^cron\\(", entry.cron)) && entry.minimum <= entry.maximum
      ]),
      false,
    )
    error_message = "autoscaling.schedule.*.cron must be a cron(…) expression, and minimum at most maximum."
  }
}
