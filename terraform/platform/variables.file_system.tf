variable "api_file_system" {
  description = "EFS file system that the API mounts at `path`, on both runtimes: its ID, the ARN of an access point, and the security group of its mount targets, which must be in the API's zones. Null mounts none; a function needs api_vpc."
  type = object({
    id                = string
    access_point_arn  = string
    security_group_id = string
    path              = optional(string, "/mnt/data")
    read_only         = optional(bool, false)
  })
  default = null

  validation {
    condition = var.api_file_system == null || try(
      can(regex("^fs-[0-9a-f]+$", var.api_file_system.id)) &&
      can(regex("^arn:aws[a-z-]*:elasticfilesystem:[a-z0-9-]+:[0-9]{12}:access-point/fsap-[0-9a-f]+$", var.api_file_system.access_point_arn)) &&
      can(regex("^sg-[0-9a-f]+$", var.api_file_system.security_group_id)),
      false,
    )
    error_message = "api_file_system must name id (fs-…), access_point_arn (arn:aws:elasticfilesystem:…:access-point/fsap-…) and security_group_id (sg-…)."
  }

  # https://docs.aws.amazon.com/lambda/latest/api/API_FileSystemConfig.html
  validation {
    condition     = var.api_file_system == null || try(can(regex("^/mnt/[A-Za-z0-9_.-]{1,155}$", var.api_file_system.path)), false)
    error_message = "api_file_system.path must be one folder below /mnt, such as /mnt/data: a function mounts nothing elsewhere."
  }

  validation {
    condition     = var.api_file_system == null || var.api_vpc || !contains(local.api_runtimes, "lambda")
    error_message = "api_file_system needs api_vpc = true while the API runs as a function: EFS can be reached from within the VPC only."
  }
}
