variable "api_warmth" {
  description = "How the function avoids cold starts: `none`, `ping` (a health check every five minutes keeps one instance warm) or `provisioned`."
  type        = string
  default     = "none"
  nullable    = false

  validation {
    condition     = var.api_warmth == "none" || join(",", keys(var.platform.api_target_group_arns)) != "fargate"
    error_message = "api_warmth must be none with api_runtime = \"fargate\": tasks are always warm."
  }
}

variable "api_provisioned_concurrency" {
  description = "Number of provisioned instances, for api_warmth = provisioned."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.api_provisioned_concurrency == 0 || join(",", keys(var.platform.api_target_group_arns)) != "fargate"
    error_message = "api_provisioned_concurrency must be 0 with api_runtime = \"fargate\": provisioned concurrency belongs to Lambda. Set it to 0, or api_runtime = \"lambda\"."
  }
}

variable "api_tracing" {
  description = "Trace the function with X-Ray."
  type        = bool
  default     = true
  nullable    = false
}
