variable "certificate_arn" {
  description = "ACM certificate for HTTPS, in the load balancer's own region. Without certificate_arn and domain the site is served over plain HTTP."
  type        = string
  default     = null

  validation {
    condition     = var.certificate_arn == null || can(regex("^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/", var.certificate_arn))
    error_message = "certificate_arn must be the ARN of an ACM certificate (arn:aws:acm:…:certificate/…)."
  }
}

variable "domain" {
  description = "DNS name of the site. With `zone_id` Terraform creates its record, and its certificate unless `certificate_arn` is set."
  type        = string
  default     = null

  validation {
    condition     = var.domain == null || var.zone_id != null || var.certificate_arn != null
    error_message = "domain needs zone_id, so that its certificate can be validated, or certificate_arn."
  }

  validation {
    condition     = var.domain != null || var.zone_id == null
    error_message = "domain is missing: zone_id is the zone of the record, domain is its name."
  }
}

variable "zone_id" {
  description = "Public Route 53 hosted zone of the domain."
  type        = string
  default     = null
}

variable "ssl_policy" {
  description = "ALB security policy: the TLS versions and ciphers that clients may use. By default TLS 1.3 and 1.2 with forward secrecy."
  type        = string
  default     = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  nullable    = false

  validation {
    condition     = can(regex("^ELBSecurityPolicy-TLS13-1-[23]-", var.ssl_policy))
    error_message = "ssl_policy must be one of the TLS 1.3 policies that allow nothing below 1.2 (ELBSecurityPolicy-TLS13-1-2-… or TLS13-1-3-…)."
  }
}
