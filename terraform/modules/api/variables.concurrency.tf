variable "reserved_concurrency" {
  description = "Number of concurrent invocations that are reserved for the function, and its maximum: it caps cost and load. Lambda throttles more, and the load balancer then returns 502. 0 reserves none: the function shares what the account has."
  type        = number
  nullable    = false

  validation {
    condition     = var.reserved_concurrency >= 0
    error_message = "reserved_concurrency must not be negative; 0 reserves none."
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
    # A release provisions the new version before it lets the old one go.
    condition     = var.reserved_concurrency == 0 || 2 * var.provisioned_concurrency <= var.reserved_concurrency
    error_message = "provisioned_concurrency must be at most half of reserved_concurrency (${var.reserved_concurrency}): during a release both versions have it. Raise api.reserved_concurrency in tandem.toml, or set it to 0."
  }
}

variable "multi_value_headers" {
  description = "Whether the target group sends events with lists of values; the ping has the same form."
  type        = bool
  default     = false
  nullable    = false
}

variable "ping_path" {
  description = "Path that the ping requests."
  type        = string
  default     = "/api/health"
  nullable    = false
}
