variable "vpc" {
  description = "Subnets and security groups, for a function that must reach something private. Null, the default, keeps it outside: a cold start in a VPC is slower, and calls to AWS would need NAT or endpoints."
  type = object({
    subnet_ids         = list(string)
    security_group_ids = list(string)
  })
  default = null

  validation {
    condition     = var.vpc == null || try(length(var.vpc.subnet_ids) > 0 && length(var.vpc.security_group_ids) > 0, false)
    error_message = "vpc must name at least one subnet and one security group, or be null."
  }
}
