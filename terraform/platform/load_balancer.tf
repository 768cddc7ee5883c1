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

moved {
  from = module.edge
  to   = module.load_balancer
}

module "load_balancer" {
  source = "../modules/load_balancer"

  name                    = local.short
  vpc_id                  = module.network.vpc_id
  internal                = var.cdn != null
  subnet_ids              = var.cdn == null ? module.network.public_subnet_ids : module.network.private_subnet_ids
  ingress_cidrs           = var.cdn == null ? ["0.0.0.0/0"] : []
  ingress_prefix_list_ids = var.cdn == null ? {} : { CloudFront = data.aws_ec2_managed_prefix_list.cloudfront[0].id }
  deletion_protection     = var.deletion_protection
  certificate_arn         = var.certificate_arn
  domain                  = var.domain
  zone_id                 = var.zone_id
  access_logs_days        = var.access_logs_days
  waf                     = var.waf
  kms_key_arn             = var.kms_key_arn
  headers                 = { content_security_policy = var.content_security_policy }
  default_target          = "app"

  targets = merge(
    {
      app = merge(local.checks, { port = var.app_port, health_path = var.app_health_path, stickiness = var.stickiness })
    },
    { for runtime, key in { lambda = "api" } : key => { kind = "lambda" } if contains(keys(local.api_shares), runtime) },
    { for runtime, key in { fargate = "api-task" } : key => merge(local.checks, { port = var.api_port, health_path = "${var.api_path}/health" }) if contains(keys(local.api_shares), runtime) },
  )

  routes = merge(var.routes, {
    api = { priority = 100, paths = [var.api_path, "${var.api_path}/*"], targets = { for runtime, share in local.api_shares : local.api_targets[runtime] => share } }
  })
}

locals {
  checks = {
    kind                 = "ip"
    health_interval      = var.health_interval
    health_timeout       = min(5, var.health_interval - 1)
    deregistration_delay = var.deregistration_delay
  }
}
