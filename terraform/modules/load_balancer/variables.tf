variable "name" {
  description = "Name of the load balancer and prefix of all other names; at most 18 characters, because target groups add to it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9]([A-Za-z0-9-]{0,16}[A-Za-z0-9])?$", var.name)) && !startswith(lower(var.name), "internal-")
    error_message = "name must be 1 to 18 letters, digits and hyphens, not end with a hyphen and not begin with internal-, which ELB keeps for itself: a target group's name begins with it and has at most 32."
  }
}

variable "vpc_id" {
  description = "VPC of the load balancer and of the targets."
  type        = string
  nullable    = false
}

variable "subnet_ids" {
  description = "Subnets of the load balancer, in at least two zones."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids must name at least two subnets, each in a zone of its own."
  }
}

variable "internal" {
  description = "Make the load balancer reachable from within the VPC only; CloudFront reaches it through a VPC origin."
  type        = bool
  default     = false
  nullable    = false
}

variable "ingress_cidrs" {
  description = "IPv4 ranges that may reach the load balancer; empty with `ingress_prefix_list_ids`."
  type        = set(string)
  default     = ["0.0.0.0/0"]
  nullable    = false

  validation {
    condition     = alltrue([for cidr in var.ingress_cidrs : can(cidrnetmask(cidr))])
    error_message = "ingress_cidrs must be IPv4 ranges such as 203.0.113.0/24."
  }
}

variable "ingress_prefix_list_ids" {
  description = "Prefix lists that may reach the load balancer, such as CloudFront's, by a key of your choice."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "idle_timeout" {
  description = "Seconds after which the load balancer closes an idle connection."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.idle_timeout >= 1 && var.idle_timeout <= 4000
    error_message = "idle_timeout must be 1 to 4000 seconds."
  }
}

variable "deletion_protection" {
  description = "Refuse to delete the load balancer and its access logs until this is false."
  type        = bool
  default     = false
  nullable    = false
}

variable "access_logs_days" {
  description = "Retention of the access logs in S3 in days; 0 writes none."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.access_logs_days >= 0 && floor(var.access_logs_days) == var.access_logs_days
    error_message = "access_logs_days must be 0 or a whole number of days."
  }
}

variable "require_tls" {
  description = "Refuse requests without TLS to the access logs; false only for the local AWS, which serves plain HTTP on loopback."
  type        = bool
  default     = true
  nullable    = false
}

variable "kms_key_arn" {
  description = "KMS key for the WAF's logs; null uses CloudWatch's own."
  type        = string
  default     = null
}
