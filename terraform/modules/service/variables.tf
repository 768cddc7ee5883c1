variable "name" {
  description = "Name of the ECS service."
  type        = string
  nullable    = false
}

variable "cluster_arn" {
  description = "ARN of the cluster that the service runs in."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:ecs:[a-z0-9-]+:[0-9]{12}:cluster/", var.cluster_arn))
    error_message = "cluster_arn must be the ARN of an ECS cluster."
  }
}

variable "desired_count" {
  description = "Number of tasks; with autoscaling the initial number."
  type        = number
  nullable    = false

  validation {
    condition     = var.desired_count >= 0 && floor(var.desired_count) == var.desired_count
    error_message = "desired_count must be a whole number, 0 or more."
  }
}

variable "grace_seconds" {
  description = "Seconds after a task's start in which failed health checks do not count."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.grace_seconds >= 0 && var.grace_seconds <= 2147483647
    error_message = "grace_seconds must be 0 or more."
  }
}

variable "subnet_ids" {
  description = "Subnets of the tasks."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.subnet_ids) > 0
    error_message = "subnet_ids must name at least one subnet."
  }
}

variable "security_group_ids" {
  description = "Security groups of the tasks."
  type        = list(string)
  nullable    = false
}

variable "assign_public_ip" {
  description = "Give each task a public IP address; without NAT and endpoints it needs one to reach the registry."
  type        = bool
  default     = false
  nullable    = false
}

variable "target_group_arn" {
  description = "Target group that tasks register in."
  type        = string
  nullable    = false
}

variable "minimum_healthy_percent" {
  description = "Percentage of the desired tasks that must stay healthy during a deployment."
  type        = number
  default     = 100
  nullable    = false

  validation {
    condition     = var.minimum_healthy_percent >= 0 && var.minimum_healthy_percent <= 100
    error_message = "minimum_healthy_percent must be 0 to 100."
  }
}

variable "maximum_percent" {
  description = "Percentage of the desired tasks that may run at most during a deployment."
  type        = number
  default     = 200
  nullable    = false

  validation {
    condition     = var.maximum_percent >= 100 && var.maximum_percent <= 200 && var.maximum_percent > var.minimum_healthy_percent
    error_message = "maximum_percent must be 100 to 200 and more than minimum_healthy_percent, or no task could be replaced."
  }
}

variable "spot_share" {
  description = "Percentage of the tasks that run on Fargate Spot, which is cheaper; AWS may stop these tasks with two minutes' notice."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.spot_share >= 0 && var.spot_share <= 100
    error_message = "spot_share must be 0 to 100 percent."
  }
}

variable "alarm_names" {
  description = "CloudWatch alarms that stop a deployment and roll it back."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "alarms_enabled" {
  description = "Whether the alarms do so. Set this to false to switch them off: the provider cannot remove their names from a service."
  type        = bool
  default     = true
  nullable    = false
}
