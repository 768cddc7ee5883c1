variable "weights" {
  description = "The canary: `stable_version` keeps the traffic but for `canary_percent`, which goes to this release. Null and 100 give it all."
  type = object({
    stable_version = optional(string)
    canary_percent = optional(number, 100)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.weights.canary_percent >= 0 && var.weights.canary_percent <= 100
    error_message = "weights.canary_percent must be 0 to 100."
  }

  validation {
    condition     = var.weights.stable_version == null || can(regex("^[1-9][0-9]*$", var.weights.stable_version))
    error_message = "weights.stable_version must be a published version such as 7: $LATEST cannot share traffic."
  }
}

variable "target_group_arn" {
  description = "Target group that forwards to the alias."
  type        = string
  nullable    = false
}

variable "description" {
  description = "Stands at the alias: which release it serves. Not at the function, where it would make a new version of the same code."
  type        = string
  default     = ""
  nullable    = false
}
