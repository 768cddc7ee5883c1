variable "name" {
  description = "Prefix of all names."
  type        = string
  nullable    = false
}

variable "load_balancer_arn" {
  description = "ARN of the internal load balancer behind CloudFront."
  type        = string
  nullable    = false
}

variable "load_balancer_dns_name" {
  description = "DNS name of the load balancer."
  type        = string
  nullable    = false
}

variable "https" {
  description = "Whether CloudFront connects to the load balancer over HTTPS."
  type        = bool
  default     = false
  nullable    = false
}

variable "api_path" {
  description = "Path of the API; responses at it and below it are never cached."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^/.*[^/]$", var.api_path))
    error_message = "api_path must begin with / and not end with it."
  }
}

variable "asset_paths" {
  description = "Paths of files with a hash in their names, which are cached for a year."
  type        = list(string)
  default     = ["/static/*"]
  nullable    = false

  validation {
    condition     = alltrue([for path in var.asset_paths : startswith(path, "/")])
    error_message = "asset_paths must begin with /."
  }

  # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html
  validation {
    condition     = length(distinct(var.asset_paths)) == length(var.asset_paths) && alltrue([for path in var.asset_paths : length(path) <= 255])
    error_message = "asset_paths must have at most 255 characters each, and name none twice: CloudFront takes one behavior for each path."
  }
}

variable "domain" {
  description = "DNS name of the site; null uses CloudFront's own domain name."
  type        = string
  default     = null
}

variable "certificate_arn" {
  description = "ACM certificate for `domain`, in us-east-1 as CloudFront requires."
  type        = string
  default     = null

  validation {
    condition     = var.certificate_arn == null || can(regex("^arn:aws:acm:us-east-1:[0-9]{12}:certificate/", var.certificate_arn))
    error_message = "certificate_arn must be an ACM certificate in us-east-1: CloudFront accepts no other region."
  }

  validation {
    condition     = (var.domain == null) == (var.certificate_arn == null)
    error_message = "certificate_arn and domain go together: set both, or neither."
  }
}

variable "price_class" {
  description = "Edge locations that CloudFront uses: PriceClass_100 (Europe, North America), PriceClass_200 or PriceClass_All."
  type        = string
  default     = "PriceClass_100"
  nullable    = false

  validation {
    condition     = contains(["PriceClass_100", "PriceClass_200", "PriceClass_All"], var.price_class)
    error_message = "price_class must be PriceClass_100, PriceClass_200 or PriceClass_All."
  }
}
