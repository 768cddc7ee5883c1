module "service" {
  source = "../modules/service"

  name               = var.platform.service_name
  cluster_arn        = var.platform.cluster_arn
  task               = var.release.task
  desired_count      = var.release.task.count
  grace_seconds      = var.release.task.grace_seconds
  subnet_ids         = var.platform.service_subnet_ids
  security_group_ids = coalesce(var.platform.service_security_group_ids, [var.platform.service_security_group_id])
  assign_public_ip   = var.platform.service_assign_public_ip
  target_group_arn   = var.platform.app_target_group_arn
  alarm_names        = var.platform.deployment_alarm_names["app"]
  alarms_enabled     = var.deployment_alarms
  exec               = var.platform.exec.app
  spot_share         = var.spot_share
  autoscaling        = var.autoscaling
  load_balancer      = "${var.platform.load_balancer_arn_suffix}/${var.platform.target_group_arn_suffixes["app"]}"

  minimum_healthy_percent = var.minimum_healthy_percent
  maximum_percent         = var.maximum_percent
}
