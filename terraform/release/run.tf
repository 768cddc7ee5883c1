# The API's image for one-off commands, such as migrations of a database: `tandem run` starts it with a command.
locals {
  # It replaces the image's entry point, and runs the command's words as they are: no shell reads them again.
  run_entry_point = ["sh", "-c", "exec \"$@\"", "run"]

  # Any memory of a function fits: CPU units grow with it, to the next size that Fargate offers.
  run_cpu    = min([for cpu in [256, 512, 1024, 2048, 4096, 8192, 16384] : cpu if cpu >= min(var.api_cpu, 16384) && 8 * cpu >= var.release.api.memory]...)
  run_step   = max(1024, local.run_cpu / 2)
  run_memory = max(2 * local.run_cpu, var.release.api.memory <= 2 * local.run_cpu ? 0 : local.run_step * ceil(var.release.api.memory / local.run_step))

  run_container = merge({ for key, value in local.api_container : key => value if key != "portMappings" }, {
    name       = "run"
    entryPoint = local.run_entry_point
    command    = ["true"]

    readonlyRootFilesystem = true
    logConfiguration = merge(local.api_container.logConfiguration, {
      options = merge(local.api_container.logConfiguration.options, { "awslogs-stream-prefix" = "run" })
    })
  })
}

resource "aws_ecs_task_definition" "run" {
  # A platform that was applied by an older version does not let the release role tag this family.
  count = var.platform.run_family == null || var.release.api.image == null ? 0 : 1

  family                   = var.platform.run_family
  cpu                      = local.run_cpu
  memory                   = local.run_memory
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  execution_role_arn       = var.platform.execution_role_arn
  task_role_arn            = coalesce(var.platform.api_task_role_arn, var.platform.task_role_arn)
  container_definitions    = jsonencode([local.run_container])

  # A command may still run while the next release is applied; `tandem gc` deletes the older revisions.
  skip_destroy = true

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.release.api.architecture
  }

  dynamic "volume" {
    for_each = local.api_volumes

    content {
      name = volume.value.name

      dynamic "efs_volume_configuration" {
        for_each = volume.value.efs == null ? [] : [volume.value.efs]

        content {
          file_system_id     = efs_volume_configuration.value.file_system_id
          transit_encryption = "ENABLED"

          authorization_config {
            access_point_id = efs_volume_configuration.value.access_point_id
            iam             = "ENABLED"
          }
        }
      }
    }
  }
}
