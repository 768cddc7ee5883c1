variable "existing" {
  description = "Use this VPC and its subnets, and create nothing but endpoints; null creates a VPC."
  type = object({
    vpc_id                  = string
    public_subnet_ids       = list(string)
    private_subnet_ids      = optional(list(string), [])
    private_route_table_ids = optional(list(string), [])
  })
  default = null

  validation {
    condition     = var.existing == null || try(startswith(var.existing.vpc_id, "vpc-"), false)
    error_message = "existing.vpc_id must be the ID of a VPC (vpc-…)."
  }

  validation {
    condition     = var.existing == null || try(length(distinct(var.existing.public_subnet_ids)) >= 2, false)
    error_message = "existing.public_subnet_ids must name at least two subnets, each in a zone of its own: the load balancer needs them."
  }
}
