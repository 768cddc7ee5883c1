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

variable "zone_names" {
  description = "Names of the availability zones, in order; empty takes the first of the region that have Fargate."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.zone_names) == 0 || (length(var.zone_names) >= var.zones && length(distinct(var.zone_names)) == length(var.zone_names))
    error_message = "zone_names must name a zone for each of the zones, and none twice."
  }
}

variable "used_zones" {
  description = "Number of zones whose subnets the load balancer and tasks use; null is all. To remove a zone, first lower this, apply and release, then lower `zones`: a subnet with running tasks cannot be deleted."
  type        = number
  default     = null

  validation {
    condition     = var.used_zones == null || contains(range(2, var.zones + 1), coalesce(var.used_zones, 2))
    error_message = "used_zones must be 2 or 3, and at most zones."
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
