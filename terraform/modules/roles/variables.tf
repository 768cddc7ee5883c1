variable "name" {
  description = "Prefix of the roles' names."
  type        = string
  nullable    = false
}

variable "account_id" {
  description = "Account ID: only services that act for this account may assume the roles."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be twelve digits."
  }
}

variable "repository_arns" {
  description = "Repositories that tasks pull from."
  type        = list(string)
  nullable    = false
}

variable "app_log_group_arn" {
  description = "Log group of the app's tasks."
  type        = string
  nullable    = false
}

variable "api_log_group_arn" {
  description = "Log group of the API's tasks."
  type        = string
  nullable    = false
}

variable "function_log_group_arn" {
  description = "Log group of the function."
  type        = string
  nullable    = false
}

variable "function_in_vpc" {
  description = "Whether the function runs in the VPC and so needs network interfaces."
  type        = bool
  default     = false
  nullable    = false
}

variable "database_user_arn" {
  description = "Database user of an RDS Proxy that the API may connect as (`arn:aws:rds-db:…:dbuser:prx-…/name`); null is none."
  type        = string
  default     = null

  validation {
    condition = (
      var.database_user_arn == null ||
      can(regex("^arn:aws[a-z-]*:rds-db:[a-z0-9-]+:[0-9]{12}:dbuser:[^*]+/[^*]+$", var.database_user_arn))
    )
    error_message = "database_user_arn must name one user of one proxy: arn:aws:rds-db:<region>:<account>:dbuser:prx-<id>/<user>."
  }
}

variable "kms_key_arn" {
  description = "KMS key that the releases' bucket, the records and the function's environment are encrypted with; null if these are AWS's own keys."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key (arn:aws:kms:…)."
  }
}

variable "path" {
  description = "Path of the roles and policies, such as `/team/`; some accounts allow no other."
  type        = string
  default     = "/"
  nullable    = false

  validation {
    condition     = can(regex("^/([!-.0-~]+/)*$", var.path)) && length(var.path) <= 100
    error_message = "path must begin and end with /, as /team/ does, and have at most 100 characters."
  }
}

variable "permissions_boundary" {
  description = "ARN of the policy that bounds the roles' permissions; null is none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary == null || can(regex("^arn:aws[a-z-]*:iam::(aws|[0-9]{12}):policy/.+$", var.permissions_boundary))
    error_message = "permissions_boundary must be the ARN of an IAM policy: arn:aws:iam::<account>:policy/<name>."
  }
}
