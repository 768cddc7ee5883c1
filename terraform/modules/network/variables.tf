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

variable "zones" {
  description = "Number of availability zones."
  type        = number
  default     = 2
  nullable    = false

  validation {
    condition     = contains([2, 3], var.zones)
    error_message = "zones must be 2 or 3: a load balancer needs two, and more than three add cost without use."
  }
}

variable "subnet_cidrs" {
  description = "Address ranges of the subnets, one public and one private per zone; null divides `cidr`."
  type        = object({ public = list(string), private = list(string) })
  default     = null

  validation {
    condition = var.subnet_cidrs == null || try(
      max(length(var.subnet_cidrs.public), length(var.subnet_cidrs.private)) <= var.zones,
      false,
    )
    error_message = "zones is fewer than the subnets in subnet_cidrs: raise zones (at most 3), or name one public and one private range per zone."
  }

  validation {
    condition = var.subnet_cidrs == null || try(
      min(length(var.subnet_cidrs.public), length(var.subnet_cidrs.private)) >= var.zones,
      false,
    )
    error_message = "subnet_cidrs must name one public and one private range for each of the zones."
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
  description = "Create VPC endpoints for ECR, S3, CloudWatch Logs and secrets, so that tasks in private subnets start without NAT."
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
    condition     = contains([0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653], var.flow_logs)
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
