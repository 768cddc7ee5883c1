# The API's image as an ECS service: the same code, served by an ASGI server instead of Lambda's runtime client.

locals {
  # A function's memory is any number of MiB; Fargate takes the double of the CPU units, and then goes by steps.
  api_step = max(1024, var.api_cpu / 2)
}

module "api_task" {
  source = "../modules/service"
  count  = contains(keys(var.platform.api_target_group_arns), "fargate") ? 1 : 0

  name               = "${var.platform.service_name}-api"
  cluster_arn        = var.platform.cluster_arn
  desired_count      = var.api_count
  grace_seconds      = var.api_grace_seconds
  subnet_ids         = var.platform.service_subnet_ids
  security_group_ids = [var.platform.service_security_group_id]
  assign_public_ip   = var.platform.service_assign_public_ip
  target_group_arn   = var.platform.api_target_group_arns["fargate"]
  alarm_names        = var.platform.deployment_alarm_names["api-task"]
  alarms_enabled     = var.deployment_alarms
  spot_share         = var.spot_share
  autoscaling        = var.api_autoscaling
  load_balancer      = "${var.platform.load_balancer_arn_suffix}/${try(var.platform.target_group_arn_suffixes["api-task"], "")}"

  minimum_healthy_percent = var.minimum_healthy_percent
  maximum_percent         = var.maximum_percent

  task = {
    family             = "${var.platform.name}-api"
    cpu                = var.api_cpu
    memory             = var.release.api.memory <= 2 * var.api_cpu ? 2 * var.api_cpu : local.api_step * ceil(var.release.api.memory / local.api_step)
    architecture       = var.release.api.architecture
    execution_role_arn = var.platform.execution_role_arn
    task_role_arn      = var.platform.task_role_arn
    container          = "api"
    port               = var.platform.api_port
    volumes            = [{ name = "tmp" }]

    container_definitions = jsonencode([{
      name      = "api"
      image     = var.release.api.image
      essential = true
      # In place of the image's, which is Lambda's runtime client; an empty list would leave that one in force.
      entryPoint             = slice(var.api_command, 0, 1)
      command                = slice(var.api_command, 1, length(var.api_command))
      readonlyRootFilesystem = true
      linuxParameters        = { capabilities = { drop = ["ALL"] }, initProcessEnabled = true }
      portMappings           = [{ containerPort = var.platform.api_port, hostPort = var.platform.api_port, protocol = "tcp" }]
      environment            = [for name in sort(keys(var.release.api.environment)) : { name = name, value = var.release.api.environment[name] }]
      secrets                = [for name in sort(keys(var.release.api.secrets)) : { name = name, valueFrom = var.release.api.secrets[name] }]
      mountPoints            = [{ sourceVolume = "tmp", containerPath = "/tmp", readOnly = false }]
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          "awslogs-group"         = var.platform.api_log_group
          "awslogs-region"        = var.platform.region
          "awslogs-stream-prefix" = "api"
        }
      }
    }])
  }
}
