locals {
  # Fargate gives 20 GiB for free. A task that needs more gets what it needs and a tenth of it.
  needed_gib  = ceil(var.task.storage_bytes * 1.1 / pow(1024, 3))
  extra_gib   = local.needed_gib > 20 ? local.needed_gib : null
  storage_gib = var.task.ephemeral_storage_gib == null ? local.extra_gib : var.task.ephemeral_storage_gib
}

resource "aws_ecs_task_definition" "this" {
  family                   = var.task.family
  cpu                      = var.task.cpu
  memory                   = var.task.memory
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  execution_role_arn       = var.task.execution_role_arn
  task_role_arn            = var.task.task_role_arn
  container_definitions    = var.task.container_definitions

  # Older revisions stay active: ECS needs them for a rollback that it starts itself.
  skip_destroy = true

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.task.architecture
  }

  dynamic "volume" {
    for_each = var.task.volumes

    content {
      name = volume.value.name

      # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/efs-best-practices.html
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

  dynamic "ephemeral_storage" {
    for_each = local.storage_gib == null ? [] : [local.storage_gib]

    content {
      size_in_gib = ephemeral_storage.value
    }
  }
}
