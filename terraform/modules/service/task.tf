locals {
  # Fargate gives 20 GiB; what is needed beyond is asked for with a tenth to spare.
  needed_gib  = ceil(var.task.storage_bytes * 1.1 / pow(1024, 3))
  storage_gib = var.task.ephemeral_storage_gib != null ? var.task.ephemeral_storage_gib : local.needed_gib > 20 ? local.needed_gib : null
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

  # Older revisions stay active: a rollback that ECS itself starts needs them.
  skip_destroy = true

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.task.architecture
  }

  dynamic "volume" {
    for_each = var.task.volumes

    content {
      name = volume.value.name
    }
  }

  dynamic "ephemeral_storage" {
    for_each = local.storage_gib == null ? [] : [local.storage_gib]

    content {
      size_in_gib = ephemeral_storage.value
    }
  }
}
