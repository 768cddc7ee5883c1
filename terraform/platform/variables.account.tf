# What an organisation asks of everything in its accounts.

variable "tags" {
  description = "Tags of all resources of both roots, beside Project, Environment, Stack and ManagedBy."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(setintersection([for key in keys(var.tags) : lower(key)], ["project", "environment", "stack", "managedby"])) == 0
    error_message = "tags must not name Project, Environment, Stack or ManagedBy in any spelling: Terraform sets these itself, permissions depend on Stack, and IAM takes a key in one spelling only."
  }

  # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules_creating
  validation {
    condition     = length(distinct([for key in keys(var.tags) : lower(key)])) == length(var.tags)
    error_message = "tags must not have keys that differ in capital letters only: IAM takes one of them."
  }

  validation {
    condition = length(var.tags) <= 40 && alltrue([
      for key, value in var.tags :
      can(regex("^[A-Za-z0-9 _.:/=+@-]{1,128}$", key)) && !startswith(lower(key), "aws:") && can(regex("^[A-Za-z0-9 _.:/=+@-]{0,256}$", value))
    ])
    error_message = "tags must be at most 40, with keys of 1 to 128 and values of at most 256 letters, digits, spaces and _.:/=+@-; keys must not begin with aws:."
  }
}

variable "role_path" {
  description = "Path of the roles and policies, such as `/team/`; some accounts allow no other. A change replaces the roles: set it before the first apply."
  type        = string
  default     = "/"
  nullable    = false
}

variable "permissions_boundary" {
  description = "ARN of the policy that bounds all roles' permissions; null is none."
  type        = string
  default     = null
}
