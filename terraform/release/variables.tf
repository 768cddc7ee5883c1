variable "platform" {
  description = "Outputs of the platform root, passed on by the pipeline."
  type = object({
    name                        = string
    region                      = string
    account_id                  = string
    tags                        = optional(map(string), {})
    cluster_arn                 = string
    service_name                = string
    service_subnet_ids          = list(string)
    service_security_group_id   = string
    service_security_group_ids  = optional(list(string))
    api_task_security_group_ids = optional(list(string))
    service_assign_public_ip    = bool
    app_target_group_arn        = string
    api_target_group_arns       = map(string)
    api_runtime                 = string
    api_port                    = number
    api_multi_value_headers     = optional(bool, false)
    api_log_group               = string
    api_environment             = optional(map(string), {})
    function_name               = string
    function_role_arn           = string
    function_log_group          = string
    function_subnet_ids         = list(string)
    function_security_group_ids = list(string)
    kms_key_arn                 = optional(string)
    database                    = optional(object({ host = string, port = number, user = string }))
    api_file_system = optional(object({
      id               = string
      access_point_arn = string
      path             = string
      read_only        = bool
    }))
    execution_role_arn        = string
    task_role_arn             = string
    api_task_role_arn         = optional(string)
    run_family                = optional(string)
    exec                      = optional(object({ app = bool, api = bool }), { app = false, api = false })
    load_balancer_arn_suffix  = string
    target_group_arn_suffixes = map(string)
    deployment_alarm_names    = map(list(string))
  })
  nullable = false
}

variable "release" {
  description = "The release to run: its number, its commits, the rendered task and the API's image, null without an API. The pipeline writes it."
  type = object({
    number  = number
    layout  = string
    commits = map(string)

    task = object({
      family                = string
      cpu                   = number
      memory                = number
      architecture          = string
      ephemeral_storage_gib = optional(number)
      storage_bytes         = optional(number, 0)
      execution_role_arn    = string
      task_role_arn         = string
      container_definitions = string
      volumes               = optional(list(object({ name = string })), [])
      container             = string
      port                  = number
      count                 = number
      grace_seconds         = optional(number, 0)
    })

    api = optional(object({
      image                = optional(string)
      description          = optional(string, "")
      architecture         = optional(string, "X86_64")
      handler              = optional(string)
      memory               = optional(number, 128)
      timeout              = optional(number, 10)
      reserved_concurrency = optional(number, 0)
      environment          = optional(map(string), {})
      environment_files    = optional(list(string), [])
      secrets              = optional(map(string), {})
      path                 = optional(string, "/api")
      weights = optional(object({
        stable_version = optional(string)
        canary_percent = optional(number, 100)
      }), {})
    }), {})
  })
  nullable = false

  validation {
    condition     = var.release.number >= 1 && floor(var.release.number) == var.release.number
    error_message = "release.number must be a whole number from 1."
  }

  validation {
    condition     = contains(["sidecar", "monolith", "fused"], var.release.layout)
    error_message = "release.layout must be sidecar, monolith or fused."
  }
}

variable "max_retries" {
  description = "Number of times that the AWS provider retries a failed call."
  type        = number
  default     = 25
  nullable    = false
}
