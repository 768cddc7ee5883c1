variable "certificate_arn" {
  description = "ACM certificate in this region. Without certificate_arn and domain the site is served over plain HTTP."
  type        = string
  default     = null
}

variable "domain" {
  description = "DNS name of the site; with `zone_id` Terraform creates its record and certificate."
  type        = string
  default     = null
}

variable "zone_id" {
  description = "Public Route 53 hosted zone of the domain."
  type        = string
  default     = null
}

variable "health_interval" {
  description = "Seconds between two health checks of a task."
  type        = number
  default     = 10
  nullable    = false
}

variable "deregistration_delay" {
  description = "Seconds that a deregistered task has to finish its requests."
  type        = number
  default     = 30
  nullable    = false
}

variable "stickiness" {
  description = "Seconds that a browser is routed to the same task, so that a page finds its assets during a rollout; 0 is off."
  type        = number
  default     = 600
  nullable    = false

  validation {
    condition     = var.stickiness >= 0 && var.stickiness <= 604800 && floor(var.stickiness) == var.stickiness
    error_message = "stickiness must be 0 (off), or 1 to 604800 whole seconds (a week)."
  }
}

variable "content_security_policy" {
  description = "Content-Security-Policy header that the load balancer adds to every response; null adds none."
  type        = string
  default     = null
}

variable "strict_transport_security" {
  description = "Strict-Transport-Security header over HTTPS; null sends none. `; includeSubDomains` binds all names below the domain for a year: add it only if all of them have HTTPS."
  type        = string
  default     = "max-age=31536000"
}

variable "access_logs_days" {
  description = "Retention of the load balancer's access logs in days; 0 writes none."
  type        = number
  default     = 0
  nullable    = false
}

variable "waf" {
  description = "WAFv2 with AWS's managed rules and a rate limit per IP address in five minutes; null is off. The managed rules only count until managed_rules is `block`: see the module load_balancer."
  type = object({
    rate_limit     = optional(number, 2000)
    retention_days = optional(number, 30)
    managed_rules  = optional(string, "count")
    counted_rules  = optional(map(set(string)), { AWSManagedRulesCommonRuleSet = ["SizeRestrictions_BODY"] })
  })
  default = null
}

variable "deletion_protection" {
  description = "Refuse to delete the load balancer and data that cannot be recreated."
  type        = bool
  default     = true
  nullable    = false
}

variable "services" {
  description = "More services behind the same load balancer, by a key of at most 8 characters: each gets a target group for tasks, which `routes` can name and the output service_target_group_arns gives. Their tasks use the security group service_security_group_id."
  type = map(object({
    port        = number
    health_path = optional(string, "/")
    stickiness  = optional(number, 0)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = length(setintersection(keys(var.services), ["app", "api", "api-task"])) == 0
    error_message = "services must not be named app, api or api-task: these keys are taken."
  }

  validation {
    condition     = alltrue([for service in var.services : service.port >= 1 && service.port <= 65535])
    error_message = "services.*.port must be 1 to 65535."
  }
}

variable "routes" {
  description = "Additional path rules (see the module load_balancer): `targets` are `app` and keys of `services`. The API's rule has priority 100."
  type        = map(object({ priority = number, paths = list(string), targets = map(number) }))
  default     = {}
  nullable    = false
}
