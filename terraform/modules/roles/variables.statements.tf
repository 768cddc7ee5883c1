variable "file_system_arn" {
  description = "EFS file system that the function mounts: Lambda looks for its mount targets in the name of the release role. Null is none."
  type        = string
  default     = null

  validation {
    condition     = var.file_system_arn == null || can(regex("^arn:aws[a-z-]*:elasticfilesystem:[^:*]+:[0-9]{12}:file-system/fs-[^*]+$", var.file_system_arn))
    error_message = "file_system_arn must be the ARN of one EFS file system."
  }
}

variable "statements" {
  description = "What the code may do, as statements of IAM policies by name: `app` for the code in the app's tasks, `api` for the API, whether it runs as a function or as tasks."
  type = object({
    app = optional(map(object({
      actions    = list(string)
      resources  = list(string)
      conditions = optional(list(object({ test = string, variable = string, values = list(string) })), [])
    })), {})
    api = optional(map(object({
      actions    = list(string)
      resources  = list(string)
      conditions = optional(list(object({ test = string, variable = string, values = list(string) })), [])
    })), {})
  })
  default  = {}
  nullable = false

  # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
  validation {
    condition = alltrue([
      for name in concat(keys(var.statements.app), keys(var.statements.api)) : can(regex("^[A-Za-z0-9]+$", name))
    ])
    error_message = "statements must have names of letters and digits only: IAM takes no other in a Sid."
  }

  validation {
    condition = alltrue([
      for statement in concat(values(var.statements.app), values(var.statements.api)) :
      length(statement.actions) > 0 && length(statement.resources) > 0
    ])
    error_message = "statements must name at least one action and one resource each."
  }

  validation {
    condition = alltrue(flatten([
      for statement in concat(values(var.statements.app), values(var.statements.api)) :
      [for action in statement.actions : can(regex("^[a-z0-9-]+:[A-Za-z0-9*?]+$", action))]
    ]))
    error_message = "statements must name each action with its service, such as sqs:SendMessage: \"*\" alone would allow everything."
  }

  validation {
    condition = alltrue(flatten([
      for statement in concat(values(var.statements.app), values(var.statements.api)) :
      [for resource in statement.resources : resource == "*" || can(regex("^arn:aws[a-z-]*:[^:]+:.+$", resource))]
    ]))
    error_message = "statements must name each resource by its ARN, such as arn:aws:sqs:eu-central-1:123456789012:jobs, or \"*\" for actions that take none."
  }

  # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
  validation {
    condition = alltrue(flatten([
      for statement in concat(values(var.statements.app), values(var.statements.api)) : [
        for condition in statement.conditions : (
          can(regex("^(ForAnyValue:|ForAllValues:)?(String|Numeric|Date|Bool|Binary|IpAddress|NotIpAddress|Arn|Null)", condition.test)) &&
          condition.variable != "" && length(condition.values) > 0
        )
      ]
    ]))
    error_message = "statements.*.conditions must have an operator of IAM (such as StringEquals), a condition key and at least one value."
  }
}

variable "environment_files" {
  description = "ARNs of the files in S3 that ECS puts into the environment of the containers."
  type        = list(string)
  default     = []
  nullable    = false

  # With ten files each, app and API have 20; an ARN has up to 1,100 characters, and a role 10,240 for its inline policies.
  validation {
    condition = alltrue([for arn in var.environment_files : can(regex("^arn:aws[a-z-]*:s3:::[^/*]+/[^*]+[.]env$", arn))]) && (
      sum(concat([0], [for arn in var.environment_files : 2 * length(arn) + 6])) <= 8000
    )
    error_message = "environment_files must be ARNs of objects in S3 that end with .env, without wildcards, and have 4,000 characters at most."
  }
}
