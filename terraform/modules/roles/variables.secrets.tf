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

  validation {
    condition     = length(var.secret_kms_key_arns) <= 50
    error_message = "secret_kms_key_arns must be at most 50 keys: IAM takes no more in one policy."
  }
}
