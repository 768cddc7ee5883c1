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

variable "routes" {
  description = "Path rules by name. The rule with the lowest `priority` comes first; `targets` maps keys of the variable `targets` to weights, so a path may have several targets."
  type = map(object({
    priority = number
    paths    = list(string)
    targets  = map(number)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue(flatten([for route in var.routes : [for path in route.paths : can(regex("^/[A-Za-z0-9_.$/~\"'@:+&*?-]{0,127}$", path))]]))
    error_message = "routes.*.paths must begin with /, and have at most 128 letters, digits and _-.$/~\"'@:+&*?."
  }

  validation {
    condition = alltrue([for route in var.routes : (
      length(route.paths) >= 1 && length(route.paths) <= 5 && length(regexall("[*?]", join("", route.paths))) <= 5
    )])
    error_message = "routes.*.paths must be 1 to 5 paths with at most 5 wildcards in all: split the route in two."
  }

  validation {
    condition = (
      alltrue([for route in var.routes : route.priority >= 1 && route.priority <= 50000]) &&
      length(distinct([for route in var.routes : route.priority])) == length(var.routes)
    )
    error_message = "routes.*.priority must be 1 to 50000, and no two routes may have the same."
  }

  validation {
    condition     = alltrue(flatten([for route in var.routes : [for key in keys(route.targets) : contains(keys(var.targets), key)]]))
    error_message = "routes.*.targets must be keys of targets."
  }

  validation {
    condition = alltrue([for route in var.routes : (
      length(route.targets) >= 1 && length(route.targets) <= 5 &&
      try(sum(values(route.targets)), 0) > 0 &&
      alltrue([for weight in values(route.targets) : weight >= 0 && weight <= 999])
    )])
    error_message = "routes.*.targets must be 1 to 5 targets with weights of 0 to 999, not all 0."
  }

  # A path that an earlier rule covers completely is never reached, and AWS does not report it.
  validation {
    condition = alltrue(flatten([
      for first in var.routes : [for later in var.routes : [for pattern in first.paths : [for path in later.paths :
        !(pattern == path || (endswith(pattern, "*") && startswith(path, trimsuffix(pattern, "*"))))
      ]] if first.priority < later.priority]
    ]))
    error_message = "routes overlap: a route with a lower priority number covers a later route's path completely. Give the narrower path the lower number, or name the path once."
  }
}
