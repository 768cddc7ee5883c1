# The API's image as an ECS service: the same code, served by an ASGI server instead of Lambda's runtime client.

locals {
  # A function may have any number of MiB. Fargate starts at twice the CPU units and goes up in steps.
  api_memory_step   = max(1024, var.api_cpu / 2)
  api_memory_least  = var.api_cpu == 32768 ? 61440 : 2 * var.api_cpu # a function's 10,240 MiB fit the least of 32 vCPU
  api_memory_beyond = local.api_memory_step * ceil(var.release.api.memory / local.api_memory_step)

  api_target_suffix = try(var.platform.target_group_arn_suffixes["api-task"], "")

  # An empty list would be a change in each plan.
  api_files = length(var.release.api.environment_files) == 0 ? {} : {
    environmentFiles = [for arn in var.release.api.environment_files : { type = "s3", value = arn }]
  }

  api_container = merge(local.api_files, {
    name      = "api"
    image     = var.release.api.image
    essential = true
    # It replaces the image's entry point, which is Lambda's runtime client. An empty list would keep that one.
    entryPoint             = slice(var.api_command, 0, 1)
    command                = slice(var.api_command, 1, length(var.api_command))
    readonlyRootFilesystem = !var.platform.exec.api # SSM's agent writes to it
    linuxParameters        = merge({ capabilities = { drop = ["ALL"] }, initProcessEnabled = true }, local.api_tmpfs)
    portMappings           = [{ containerPort = var.platform.api_port, hostPort = var.platform.api_port, protocol = "tcp" }]
    environment            = [for name, value in local.api_environment : { name = name, value = value }]
    secrets                = [for name, arn in var.release.api.secrets : { name = name, valueFrom = arn }]
    mountPoints            = local.api_mounts
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        "awslogs-group"         = var.platform.api_log_group
        "awslogs-region"        = var.platform.region
        "awslogs-stream-prefix" = "api"
      }
    }
  })
}

module "api_task" {
  source = "../modules/service"
  count  = contains(local.api_runtimes, "fargate") ? 1 : 0

  name               = "${var.platform.service_name}-api"
  cluster_arn        = var.platform.cluster_arn
  desired_count      = var.api_count
  grace_seconds      = var.api_grace_seconds
  subnet_ids         = var.platform.service_subnet_ids
  security_group_ids = coalesce(var.platform.api_task_security_group_ids, [var.platform.service_security_group_id])
  assign_public_ip   = var.platform.service_assign_public_ip
  target_group_arn   = var.platform.api_target_group_arns["fargate"]
  alarm_names        = var.platform.deployment_alarm_names["api-task"]
  alarms_enabled     = var.deployment_alarms
  exec               = var.platform.exec.api
  spot_share         = var.spot_share
  autoscaling        = var.api_autoscaling
  load_balancer      = "${var.platform.load_balancer_arn_suffix}/${local.api_target_suffix}"

  minimum_healthy_percent = var.minimum_healthy_percent
  maximum_percent         = var.maximum_percent

  task = {
    family             = "${var.platform.name}-api"
    cpu                = var.api_cpu
    memory             = var.release.api.memory <= local.api_memory_least ? local.api_memory_least : local.api_memory_beyond
    architecture       = var.release.api.architecture
    execution_role_arn = var.platform.execution_role_arn
    task_role_arn      = coalesce(var.platform.api_task_role_arn, var.platform.task_role_arn) # older platforms have one role
    container          = "api"
    port               = var.platform.api_port
    volumes            = local.api_volumes

    container_definitions = jsonencode([local.api_container])
  }
}
