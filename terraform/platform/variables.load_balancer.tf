variable "certificate_arn" {
  description = "ACM certificate in this region. Without certificate and domain the site is served over plain HTTP."
  type        = string
  default     = null
}

variable "domain" {
  description = "The site's name; with `zone_id` its record and certificate are made."
  type        = string
  default     = null
}

variable "zone_id" {
  description = "Public Route 53 zone of the domain."
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
  description = "Seconds that a leaving task finishes its requests in."
  type        = number
  default     = 30
  nullable    = false
}

variable "stickiness" {
  description = "Seconds that a browser stays with its task, so that a page finds its assets during a rollout; 0 is off."
  type        = number
  default     = 600
  nullable    = false

  validation {
    condition     = var.stickiness >= 0 && var.stickiness <= 604800 && floor(var.stickiness) == var.stickiness
    error_message = "stickiness must be 0 (off), or 1 to 604800 whole seconds (a week)."
  }
}

variable "content_security_policy" {
  description = "Content-Security-Policy that the load balancer adds to every answer; null adds none."
  type        = string
  default     = null
}

variable "access_logs_days" {
  description = "Days that the load balancer's access logs are kept; 0 writes none."
  type        = number
  default     = 0
  nullable    = false
}

variable "waf" {
  description = "WAFv2 with AWS's managed rules and a rate limit per address in five minutes; null is off."
  type        = object({ rate_limit = optional(number, 2000), retention_days = optional(number, 30) })
  default     = null
}

variable "deletion_protection" {
  description = "Refuse to delete the load balancer, and data that cannot be made again."
  type        = bool
  default     = true
  nullable    = false
}

variable "routes" {
  description = "More path rules, for more services behind the same load balancer: see the module load_balancer. The API's has priority 100."
  type        = map(object({ priority = number, paths = list(string), targets = map(number) }))
  default     = {}
  nullable    = false
}
