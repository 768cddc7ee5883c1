variable "file_system" {
  description = "EFS access point that the function mounts at `path`; null mounts none. It needs `vpc`."
  type        = object({ access_point_arn = string, path = string })
  default     = null

  validation {
    condition     = var.file_system == null || var.vpc != null
    error_message = "file_system needs vpc: EFS can be reached from within the VPC only."
  }
}

variable "vpc" {
  description = "Subnets and security groups of a function that must reach private resources. Null, the default, runs it outside the VPC: in a VPC cold starts are slower, and calls to AWS need NAT or endpoints."
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
