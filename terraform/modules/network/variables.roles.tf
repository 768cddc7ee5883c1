variable "role_path" {
  description = "Path of the flow logs' role."
  type        = string
  default     = "/"
  nullable    = false
}

variable "permissions_boundary" {
  description = "ARN of the policy that bounds the permissions of the flow logs' role; null is none."
  type        = string
  default     = null
}
