variable "headers" {
  description = "Security headers that the load balancer adds to every response; null omits one. HSTS is sent over HTTPS only."
  type = object({
    strict_transport_security = optional(string, "max-age=31536000")
    content_security_policy   = optional(string)
    x_frame_options           = optional(string, "SAMEORIGIN")
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.headers.x_frame_options == null || contains(["DENY", "SAMEORIGIN"], coalesce(var.headers.x_frame_options, "DENY"))
    error_message = "headers.x_frame_options must be DENY or SAMEORIGIN, or null to omit it."
  }

  validation {
    condition     = var.headers.strict_transport_security == null || can(regex("^max-age=[0-9]+", var.headers.strict_transport_security))
    error_message = "headers.strict_transport_security must begin with max-age=<seconds>, or be null to leave it out."
  }
}
