variable "name" {
  description = "Prefix of all names, such as `tandem-dev`."
  type        = string
  nullable    = false
}

variable "cidr" {
  description = "Address range of the VPC, /16 to /22: each subnet gets a sixteenth of it."
  type        = string
  default     = "10.0.0.0/16"
  nullable    = false

  validation {
    condition     = can(cidrnetmask(var.cidr)) && contains(range(16, 23), try(tonumber(split("/", var.cidr)[1]), 0))
    error_message = "cidr must be an IPv4 range from /16 to /22, such as 10.0.0.0/16."
  }
}

variable "nat" {
  description = "NAT gateways for the private subnets: `none`, `single` (one for all zones) or `per_zone`."
  type        = string
  default     = "none"
  nullable    = false

  validation {
    condition     = contains(["none", "single", "per_zone"], var.nat)
    error_message = "nat must be none, single or per_zone."
  }

  validation {
    condition     = var.nat == "none" || var.existing == null
    error_message = "nat must be none in an existing VPC: its owner manages the routes. Set nat = \"none\", or leave existing out."
  }
}

variable "endpoints" {
  description = "Create interface endpoints for ECR, CloudWatch Logs and secrets, so that tasks in private subnets start without NAT. The free gateway for S3 is always there."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition = !var.endpoints || var.existing == null || try(
      length(var.existing.private_subnet_ids) > 0 && length(var.existing.private_route_table_ids) > 0,
      false,
    )
    error_message = "endpoints need private subnets: name existing.private_subnet_ids and existing.private_route_table_ids, or set endpoints = false."
  }
}

variable "flow_logs" {
  description = "Retention of the VPC's flow logs in days; 0 writes none."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = contains([0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.flow_logs)
    error_message = "flow_logs must be 0 or a retention that CloudWatch offers, such as 7, 30, 90 or 365."
  }

  validation {
    condition     = var.flow_logs == 0 || var.existing == null
    error_message = "flow_logs must be 0 in an existing VPC: its owner manages the logs. Set flow_logs = 0, or leave existing out."
  }
}

variable "kms_key_arn" {
  description = "KMS key for the flow logs; null uses CloudWatch's own."
  type        = string
  default     = null
}
