variable "reserved_concurrency" {
  description = "Maximum number of concurrent invocations, which caps cost and load. Lambda throttles more, and the load balancer then returns 502."
  type        = number
  nullable    = false

  validation {
    condition     = var.reserved_concurrency >= 1
    error_message = "reserved_concurrency must be at least 1: 0 would refuse every request."
  }
}

variable "warmth" {
  description = "How the function avoids cold starts. `none`; `ping`: a health check every five minutes keeps one instance warm, best effort; `provisioned`: `provisioned_concurrency` instances are always ready, and are always paid for."
  type        = string
  default     = "none"
  nullable    = false

  validation {
    condition     = contains(["none", "ping", "provisioned"], var.warmth)
    error_message = "warmth must be none, ping or provisioned."
  }
}

variable "provisioned_concurrency" {
  description = "Number of provisioned instances, for warmth = provisioned."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = (var.warmth == "provisioned") == (var.provisioned_concurrency > 0)
    error_message = "provisioned_concurrency must be at least 1 with warmth = \"provisioned\", and 0 otherwise."
  }

  validation {
    condition     = var.provisioned_concurrency <= var.reserved_concurrency
    error_message = "provisioned_concurrency must not exceed reserved_concurrency, of which it is a part: raise reserved_concurrency."
  }
}

variable "ping_path" {
  description = "Path that the ping requests."
  type        = string
  default     = "/api/health"
  nullable    = false
}
