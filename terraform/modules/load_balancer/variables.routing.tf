variable "routes" {
  description = "Path rules by name. The rule with the lowest `priority` comes first; `targets` maps keys of the variable `targets` to weights, so a path may have several targets."
  type = map(object({
    priority = number
    paths    = list(string)
    targets  = map(number)
  }))
  default  = {}
  nullable = false

  # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
  validation {
    condition     = length(var.routes) <= 100
    error_message = "routes may be at most 100, which is the load balancer's quota of rules: join paths in one route."
  }

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
