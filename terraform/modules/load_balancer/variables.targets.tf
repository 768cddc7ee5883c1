variable "targets" {
  description = "Target groups by key (at most 8 characters). `kind` is `ip` for tasks or `lambda` for a function; `healthy_after` and `unhealthy_after` are numbers of health checks; times are in seconds. `multi_value_headers` gives a function all values of a header or query parameter, in lists."
  type = map(object({
    kind                 = string
    port                 = optional(number, 80)
    health_path          = optional(string, "/")
    health_codes         = optional(string, "200-399")
    health_interval      = optional(number, 15)
    health_timeout       = optional(number, 5)
    healthy_after        = optional(number, 2)
    unhealthy_after      = optional(number, 3)
    deregistration_delay = optional(number, 30)
    stickiness           = optional(number, 0)
    multi_value_headers  = optional(bool, true)
  }))
  nullable = false

  validation {
    condition     = alltrue([for key, target in var.targets : can(regex("^[a-z0-9-]{1,8}$", key))])
    error_message = "targets must have keys of 1 to 8 lowercase letters, digits and hyphens."
  }

  # Each port is a rule of the security groups: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
  validation {
    condition     = length(distinct([for target in var.targets : target.port if target.kind == "ip"])) <= 60 && length(var.targets) <= 100
    error_message = "targets may have at most 60 ports, the rules of a security group, and a load balancer takes 100 of them: let services share a port."
  }

  validation {
    condition     = alltrue([for target in var.targets : contains(["ip", "lambda"], target.kind)])
    error_message = "targets.*.kind must be ip or lambda."
  }

  validation {
    condition = alltrue([for target in var.targets : (
      target.health_interval >= 5 && target.health_interval <= 300 &&
      target.health_timeout >= 2 && target.health_timeout < target.health_interval
    )])
    error_message = "targets.*.health_interval must be 5 to 300 seconds, and health_timeout at least 2 and shorter than the interval."
  }

  validation {
    condition = alltrue([for target in var.targets : (
      min(target.healthy_after, target.unhealthy_after) >= 2 && max(target.healthy_after, target.unhealthy_after) <= 10
    )])
    error_message = "targets.*.healthy_after and unhealthy_after must be 2 to 10 checks."
  }

  validation {
    condition     = alltrue([for target in var.targets : target.deregistration_delay >= 0 && target.deregistration_delay <= 3600])
    error_message = "targets.*.deregistration_delay must be 0 to 3600 seconds."
  }

  validation {
    condition     = alltrue([for target in var.targets : target.stickiness >= 0 && target.stickiness <= 604800])
    error_message = "targets.*.stickiness must be 0 (off) to 604800 seconds (a week)."
  }
}

variable "default_target" {
  description = "Key of the target group that gets the requests that no route matches."
  type        = string
  nullable    = false

  validation {
    condition     = contains(keys(var.targets), var.default_target)
    error_message = "default_target must be a key of targets."
  }
}
