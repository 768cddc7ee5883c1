variable "existing_network" {
  description = "Use this VPC and its subnets; null creates a VPC."
  type = object({
    vpc_id                  = string
    public_subnet_ids       = list(string)
    private_subnet_ids      = optional(list(string), [])
    private_route_table_ids = optional(list(string), [])
  })
  default = null
}

variable "cidr" {
  description = "Address range of the VPC."
  type        = string
  default     = "10.0.0.0/16"
  nullable    = false
}

variable "subnet_cidrs" {
  description = "Address ranges of the subnets, one public and one private per zone; null divides `cidr`."
  type        = object({ public = list(string), private = list(string) })
  default     = null
}

variable "zones" {
  description = "Number of availability zones: 2 or 3."
  type        = number
  default     = 2
  nullable    = false
}

variable "zone_names" {
  description = "Names of the availability zones, in order; empty takes the first of the region that have Fargate."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "used_zones" {
  description = "Number of zones that load balancer and tasks use; null is all. To remove a zone, first lower this and apply, then lower `zones`: a subnet with running tasks cannot be deleted."
  type        = number
  default     = null
}

variable "nat" {
  description = "NAT gateways: none, single or per_zone. Without NAT and endpoints, tasks run in the public subnets with public addresses."
  type        = string
  default     = "none"
  nullable    = false
}

variable "endpoints" {
  description = "Create interface endpoints for ECR, CloudWatch Logs and secrets, so that tasks in private subnets start without NAT. Beside NAT they pay above about 2.5 TB a month; the free gateway for S3 is always there."
  type        = bool
  default     = false
  nullable    = false
}

variable "flow_logs" {
  description = "Retention of the VPC's flow logs in days; 0 writes none."
  type        = number
  default     = 0
  nullable    = false
}
