# The pipeline takes these from tandem.toml and writes them into a variable file.

variable "name" {
  description = "Prefix of all names, from `name` in tandem.toml."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name)) && !can(regex("^(internal|sthree|amzn-s3-demo)(-|$)|^xn--", var.name))
    error_message = "name must be 3 to 20 of a-z, 0-9 and -, begin with a letter and not end with -; and not begin with internal-, sthree-, amzn-s3-demo- or xn--, which load balancers and buckets may not."
  }
}

variable "environment" {
  description = "The environment: local, dev, prod or your own."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,14}[a-z0-9])?$", var.environment))
    error_message = "environment must be 1 to 16 of a-z, 0-9 and -, begin with a letter and not end with -: a load balancer's name may not."
  }
}

variable "region" {
  description = "AWS region."
  type        = string
  nullable    = false
}

variable "account_id" {
  description = "The only account that Terraform may change; empty allows every account."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^([0-9]{12})?$", var.account_id))
    error_message = "account_id must be twelve digits, or empty to allow every account."
  }
}

variable "app_port" {
  description = "Port that the app container listens on."
  type        = number
  default     = 8080
  nullable    = false

  validation {
    condition     = var.app_port >= 1 && var.app_port <= 65535
    error_message = "app_port must be 1 to 65535: correct task.port in tandem.toml."
  }
}

variable "app_health_path" {
  description = "Path that returns 200 when the app can serve."
  type        = string
  default     = "/healthz"
  nullable    = false
}

variable "app_secret_arns" {
  description = "Secrets whose values ECS puts into the environment of the app's containers."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "api_enabled" {
  description = "Whether there is an API, from api.enabled in tandem.toml. Without one the load balancer sends all paths to the app."
  type        = bool
  default     = true
  nullable    = false
}

variable "api_path" {
  description = "Path of the API; requests to it and below it go to the API."
  type        = string
  default     = "/api"
  nullable    = false

  validation {
    condition     = can(regex("^/.*[^/]$", var.api_path))
    error_message = "api_path must begin with / and not end with it: correct api.path in tandem.toml."
  }
}

variable "api_secret_arns" {
  description = "ARNs of the secrets that the API may read."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "api_timeout" {
  description = "The API's timeout in seconds, for the alarms."
  type        = number
  default     = 10
  nullable    = false
}

variable "api_concurrency" {
  description = "The API's reserved concurrency, for the alarms; 0 is none."
  type        = number
  default     = 0
  nullable    = false
}

variable "registry_host" {
  description = "Registry host that images are pushed to instead of ECR; null is ECR."
  type        = string
  default     = null
}

variable "max_retries" {
  description = "Number of times that the AWS provider retries a failed call."
  type        = number
  default     = 25
  nullable    = false
}
