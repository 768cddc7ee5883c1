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

variable "task_secret_arns" {
  description = "Secrets and parameters that ECS puts into the environment of the containers; an ARN may name a JSON key."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition = alltrue([
      for arn in var.task_secret_arns :
      can(regex("^arn:aws[a-z-]*:(secretsmanager|ssm):[a-z0-9-]+:[0-9]{12}:(secret:|parameter/)[^*]+$", arn))
    ])
    error_message = "task_secret_arns must be full ARNs of Secrets Manager secrets or SSM parameters, without wildcards."
  }
}

variable "function_secret_arns" {
  description = "Secrets and parameters that the function reads itself."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition = alltrue([
      for arn in var.function_secret_arns :
      can(regex("^arn:aws[a-z-]*:(secretsmanager|ssm):[a-z0-9-]+:[0-9]{12}:(secret:|parameter/)[^*]+$", arn))
    ])
    error_message = "function_secret_arns must be full ARNs of Secrets Manager secrets or SSM parameters, without wildcards."
  }
}

variable "secret_kms_key_arns" {
  description = "Customer managed KMS keys that secrets are encrypted with."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.secret_kms_key_arns : can(regex("^arn:aws[a-z-]*:kms:", arn))])
    error_message = "secret_kms_key_arns must be ARNs of KMS keys (arn:aws:kms:…)."
  }
}

variable "function_in_vpc" {
  description = "Whether the function runs in the VPC and so needs network interfaces."
  type        = bool
  default     = false
  nullable    = false
}

variable "database_user_arn" {
  description = "Database user of an RDS Proxy that the function may connect as (`arn:aws:rds-db:…:dbuser:prx-…/name`); null is none."
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
