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

variable "nat" {
  description = "NAT gateways: none, single or per_zone. Without NAT and endpoints, tasks run in the public subnets with public addresses."
  type        = string
  default     = "none"
  nullable    = false
}

variable "endpoints" {
  description = "Create VPC endpoints for ECR, S3, CloudWatch Logs and secrets, so that tasks in private subnets start without NAT."
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
