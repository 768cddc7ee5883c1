variable "api_command" {
  description = "Command that serves the API over HTTP on the platform's api_port, for api_runtime = fargate. It keeps idle connections longer than the load balancer (60 s), which would answer 502 when it uses one that was just closed."
  type        = list(string)
  default     = ["python3", "-m", "uvicorn", "application:app", "--host", "0.0.0.0", "--port", "8000", "--timeout-keep-alive", "75"]
  nullable    = false

  validation {
    condition = (
      !contains(keys(var.platform.api_target_group_arns), "fargate") ||
      contains(var.api_command, tostring(var.platform.api_port)) ||
      anytrue([for argument in var.api_command : strcontains(argument, ":${var.platform.api_port}")])
    )
    error_message = "api_command must serve on the platform's api_port (${var.platform.api_port})."
  }
}

variable "api_count" {
  description = "Number of the API's tasks, for api_runtime = fargate."
  type        = number
  default     = 2
  nullable    = false
}

variable "api_cpu" {
  description = "CPU units of each API task. Its memory is api.memory in tandem.toml, rounded up to the next size that Fargate offers with this CPU."
  type        = number
  default     = 256
  nullable    = false

  validation {
    condition = (
      !contains(keys(var.platform.api_target_group_arns), "fargate") ||
      contains([256, 512, 1024, 2048, 4096, 8192, 16384, 32768], var.api_cpu) && var.release.api.memory <= 8 * var.api_cpu
    )
    error_message = "api_cpu (${var.api_cpu}) must be 256, 512, 1024, 2048, 4096, 8192, 16384 or 32768, and at least an eighth of api.memory (${var.release.api.memory}): raise api_cpu, or lower api.memory in tandem.toml."
  }
}

variable "api_tmpfs" {
  description = "MiB of each API task's memory for its `/tmp`; 0 leaves it on the task's disk. The image's folder must be open to its user (mode 1777)."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.api_tmpfs >= 0 && floor(var.api_tmpfs) == var.api_tmpfs && var.api_tmpfs < 2 * var.api_cpu
    error_message = "api_tmpfs must be 0, or whole MiB below the least memory of api_cpu (${2 * var.api_cpu})."
  }
}

variable "api_grace_seconds" {
  description = "Seconds after an API task's start in which failed health checks do not count: Python starts slowly on a small task."
  type        = number
  default     = 60
  nullable    = false
}

variable "api_autoscaling" {
  description = "Autoscaling of the API's tasks, with the same attributes as `autoscaling`. Null keeps api_count tasks."
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
