variable "minimum_healthy_percent" {
  description = "Share of the desired tasks that stays up during a deployment."
  type        = number
  default     = 100
  nullable    = false
}

variable "maximum_percent" {
  description = "Share of the desired tasks that may run at most during a deployment."
  type        = number
  default     = 200
  nullable    = false
}

variable "spot_share" {
  description = "Percent of the tasks that run on Fargate Spot."
  type        = number
  default     = 0
  nullable    = false
}

variable "deployment_alarms" {
  description = "Let the alarms for errors and unhealthy hosts roll a deployment back."
  type        = bool
  default     = true
  nullable    = false
}

variable "autoscaling" {
  description = "Scale the app between minimum and maximum: `cpu` and `memory` in percent, `requests` per task and minute, `schedule` other bounds by cron expression (UTC). Null keeps the number of tandem.toml."
  type = object({
    minimum  = number
    maximum  = number
    cpu      = optional(number)
    memory   = optional(number)
    requests = optional(number)
    cooldown = optional(object({ in = optional(number, 300), out = optional(number, 60) }), {})
    schedule = optional(map(object({ cron = string, minimum = number, maximum = number })), {})
  })
  default = null
}

module "service" {
  source = "../modules/service"

  name               = var.platform.service_name
  cluster_arn        = var.platform.cluster_arn
  task               = var.release.task
  desired_count      = var.release.task.count
  grace_seconds      = var.release.task.grace_seconds
  subnet_ids         = var.platform.service_subnet_ids
  security_group_ids = [var.platform.service_security_group_id]
  assign_public_ip   = var.platform.service_assign_public_ip
  target_group_arn   = var.platform.app_target_group_arn
  alarm_names        = var.platform.deployment_alarm_names["app"]
  alarms_enabled     = var.deployment_alarms
  spot_share         = var.spot_share
  autoscaling        = var.autoscaling
  load_balancer      = "${var.platform.load_balancer_arn_suffix}/${var.platform.target_group_arn_suffixes["app"]}"

  minimum_healthy_percent = var.minimum_healthy_percent
  maximum_percent         = var.maximum_percent
}
