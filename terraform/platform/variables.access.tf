# What the code of app and API may use beyond its own secrets and logs.

variable "statements" {
  description = "Statements of IAM policies for the code, by name: `app` for the app's tasks, `api` for the API on both runtimes. For example `{ api = { Jobs = { actions = [\"sqs:SendMessage\"], resources = [\"arn:aws:sqs:…:jobs\"] } } }`."
  type = object({
    app = optional(map(object({
      actions    = list(string)
      resources  = list(string)
      conditions = optional(list(object({ test = string, variable = string, values = list(string) })), [])
    })), {})
    api = optional(map(object({
      actions    = list(string)
      resources  = list(string)
      conditions = optional(list(object({ test = string, variable = string, values = list(string) })), [])
    })), {})
  })
  default  = {}
  nullable = false
}

variable "ingress_cidrs" {
  description = "IPv4 ranges that may reach the load balancer, such as an office's; with cdn CloudFront alone may."
  type        = set(string)
  default     = ["0.0.0.0/0"]
  nullable    = false

  validation {
    condition     = length(var.ingress_cidrs) > 0
    error_message = "ingress_cidrs must name a range: nobody could reach the site."
  }
}

variable "internal" {
  description = "Make the load balancer reachable from within the VPC and what is connected to it only. A change replaces the load balancer, and the site is down meanwhile: set it before the first apply."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.internal || var.existing_network == null || try(length(var.existing_network.private_subnet_ids) >= 2, false)
    error_message = "internal needs private subnets: existing_network.private_subnet_ids must name two for the load balancer."
  }

  validation {
    condition     = !var.internal || var.zone_id == null || var.cdn != null
    error_message = "internal and zone_id do not go together: a public zone cannot name an internal load balancer. Set certificate_arn and domain, and create the record in your private zone."
  }
}

variable "exec" {
  description = "Where a person may run commands in running tasks, by ECS Exec and `tandem exec`: `none`, `api` (its tasks), `app`, or `all`. The containers get a writable root, so it is off by default."
  type        = string
  default     = "none"
  nullable    = false

  validation {
    condition     = contains(["none", "api", "app", "all"], var.exec)
    error_message = "exec must be none, api, app or all."
  }
}
