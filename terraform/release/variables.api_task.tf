variable "api_command" {
  description = "Command that serves the API's image over HTTP on the platform's api_port, with api_runtime = fargate."
  type        = list(string)
  default     = ["python3", "-m", "uvicorn", "catalogue.web:app", "--host", "0.0.0.0", "--port", "8000"]
  nullable    = false

  validation {
    condition     = !contains(keys(var.platform.api_target_group_arns), "fargate") || contains(var.api_command, tostring(var.platform.api_port)) || anytrue([for word in var.api_command : strcontains(word, ":${var.platform.api_port}")])
    error_message = "api_command must serve on the platform's api_port (${var.platform.api_port})."
  }
}

variable "api_count" {
  description = "Number of the API's tasks, with api_runtime = fargate."
  type        = number
  default     = 2
  nullable    = false
}

variable "api_cpu" {
  description = "CPU units of one of them; their memory is what tandem.toml gives the API, or the next more that Fargate takes with it."
  type        = number
  default     = 256
  nullable    = false

  validation {
    condition     = !contains(keys(var.platform.api_target_group_arns), "fargate") || (contains([256, 512, 1024, 2048, 4096, 8192, 16384], var.api_cpu) && var.release.api.memory <= 8 * var.api_cpu)
    error_message = "api_cpu (${var.api_cpu}) must be 256, 512, 1024, 2048, 4096, 8192 or 16384, and at least an eighth of api.memory (${var.release.api.memory}): raise api_cpu, or lower api.memory in tandem.toml."
  }
}

variable "api_grace_seconds" {
  description = "Failing health checks do not count for so many seconds after an API task's start: Python starts slowly on a small task."
  type        = number
  default     = 60
  nullable    = false
}

variable "api_autoscaling" {
  description = "Scale the API's tasks: as `autoscaling`."
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
