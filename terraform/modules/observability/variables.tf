variable "name" {
  description = "Prefix of the names of alarms and topic."
  type        = string
  nullable    = false
}

variable "log_groups" {
  description = "Names of the log groups by key."
  type        = map(string)
  nullable    = false
}

variable "retention_days" {
  description = "Retention of logs in days."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.retention_days)
    error_message = "retention_days must be a retention that CloudWatch offers, such as 7, 30, 90 or 365."
  }
}

variable "kms_key_arn" {
  description = "KMS key for logs and topic; null uses the services' own keys."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key (arn:aws:kms:…)."
  }
}

variable "emails" {
  description = "Email addresses that alarms are sent to; each address must be confirmed once."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for address in var.emails : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", address))])
    error_message = "emails must be email addresses."
  }
}

variable "load_balancer" {
  description = "ARN suffix of the load balancer, as its metrics are named (`app/name/id`)."
  type        = string
  nullable    = false
}

variable "targets" {
  description = "Target groups by key: `suffix` is the ARN suffix, as the metrics are named; `latency` is the response time in seconds (p95) above which an alarm is raised; `hosts` is whether it has hosts that can be unhealthy (a function has none)."
  type = map(object({
    suffix  = string
    latency = optional(number, 1)
    hosts   = optional(bool, true)
  }))
  nullable = false

  validation {
    condition     = alltrue([for target in var.targets : target.latency > 0])
    error_message = "targets.*.latency must be more than 0 seconds."
  }
}

variable "error_percent" {
  description = "Percentage of a target group's responses that may be 5xx before an alarm is raised."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.error_percent > 0 && var.error_percent <= 100
    error_message = "error_percent must be more than 0 and at most 100."
  }
}

variable "balancer_errors" {
  description = "Number of 5xx responses of the load balancer itself in a minute above which an alarm is raised."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.balancer_errors >= 0
    error_message = "balancer_errors must not be negative."
  }
}

variable "function" {
  description = "The API function and its limits, for the alarms: `timeout` in seconds, `concurrency` in concurrent invocations, 0 if none are reserved; null if the API is not a function."
  type = object({
    name        = string
    timeout     = number
    concurrency = number
  })
  default = null

  validation {
    condition     = var.function == null || try(var.function.timeout > 0 && var.function.concurrency >= 0, false)
    error_message = "function.timeout must be more than 0 and function.concurrency not negative: the alarms are raised at 80 % of them."
  }
}

variable "cluster_arn" {
  description = "ARN of the cluster whose task restarts are counted."
  type        = string
  nullable    = false
}
