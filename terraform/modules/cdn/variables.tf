variable "name" {
  description = "Prefix of all names."
  type        = string
  nullable    = false
}

variable "load_balancer_arn" {
  description = "The internal load balancer behind the CDN."
  type        = string
  nullable    = false
}

variable "load_balancer_dns_name" {
  description = "Its DNS name."
  type        = string
  nullable    = false
}

variable "https" {
  description = "Speak HTTPS to the load balancer."
  type        = bool
  default     = false
  nullable    = false
}

variable "api_path" {
  description = "This path and all below it are never cached."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^/.*[^/]$", var.api_path))
    error_message = "api_path must begin with / and not end with it."
  }
}

variable "asset_paths" {
  description = "Paths whose files have a hash in their names, and are cached for a year."
  type        = list(string)
  default     = ["/static/*"]
  nullable    = false

  validation {
    condition     = alltrue([for path in var.asset_paths : startswith(path, "/")])
    error_message = "asset_paths must begin with /."
  }
}

variable "domain" {
  description = "The site's name; null serves under CloudFront's own."
  type        = string
  default     = null
}

variable "certificate_arn" {
  description = "ACM certificate for `domain`, in us-east-1 as CloudFront wants it."
  type        = string
  default     = null

  validation {
    condition     = var.certificate_arn == null || can(regex("^arn:aws:acm:us-east-1:[0-9]{12}:certificate/", var.certificate_arn))
    error_message = "certificate_arn must be an ACM certificate in us-east-1: CloudFront takes no other region's."
  }

  validation {
    condition     = (var.domain == null) == (var.certificate_arn == null)
    error_message = "certificate_arn and domain go together: set both, or neither."
  }
}

variable "price_class" {
  description = "Where CloudFront answers from: PriceClass_100 (Europe, North America), PriceClass_200 or PriceClass_All."
  type        = string
  default     = "PriceClass_100"
  nullable    = false

  validation {
    condition     = contains(["PriceClass_100", "PriceClass_200", "PriceClass_All"], var.price_class)
    error_message = "price_class must be PriceClass_100, PriceClass_200 or PriceClass_All."
  }
}
