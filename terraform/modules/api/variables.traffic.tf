variable "weights" {
  description = "Weights of a canary: `canary_percent` of the traffic goes to this release, the rest to `stable_version`. Null and 100 send all traffic to this release."
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
    error_message = "weights.stable_version must be a published version such as 7: $LATEST cannot have a weight."
  }
}

variable "target_group_arn" {
  description = "Target group that forwards to the alias."
  type        = string
  nullable    = false
}

variable "description" {
  description = "Description of the alias: the release that it serves. A description of the function would publish a new version of the same code."
  type        = string
  default     = ""
  nullable    = false
}
