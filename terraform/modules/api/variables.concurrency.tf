variable "reserved_concurrency" {
  description = "At most so many invocations at once: caps cost and load behind it. More are throttled, which the load balancer answers with 502."
  type        = number
  nullable    = false

  validation {
    condition     = var.reserved_concurrency >= 1
    error_message = "reserved_concurrency must be at least 1: 0 would refuse every request."
  }
}

variable "warmth" {
  description = "`none`; `ping`: one instance is asked for its health every five minutes, best effort; `provisioned`: `provisioned_concurrency` instances stay ready, and cost money all the time."
  type        = string
  default     = "none"
  nullable    = false

  validation {
    condition     = contains(["none", "ping", "provisioned"], var.warmth)
    error_message = "warmth must be none, ping or provisioned."
  }
}

variable "provisioned_concurrency" {
  description = "Instances that stay ready, with warmth = provisioned."
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
  description = "Path that the ping asks for."
  type        = string
  default     = "/api/health"
  nullable    = false
}
