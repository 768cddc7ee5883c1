variable "task" {
  description = "The task definition that the pipeline rendered. `container_definitions` is JSON; the load balancer sends requests to `port` of `container`. `storage_bytes` is the disk space that the task needs: the images, compressed and unpacked, and the copies in volumes."
  type = object({
    family                = string
    cpu                   = number
    memory                = number
    architecture          = optional(string, "X86_64")
    ephemeral_storage_gib = optional(number)
    storage_bytes         = optional(number, 0)
    execution_role_arn    = string
    task_role_arn         = string
    container_definitions = string
    volumes = optional(list(object({
      name = string
      efs  = optional(object({ file_system_id = string, access_point_id = string }))
    })), [])
    container = string
    port      = number
  })
  nullable = false

  # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
  validation {
    condition = try(contains(lookup({
      256   = [512, 1024, 2048]
      512   = range(1024, 4097, 1024)
      1024  = range(2048, 8193, 1024)
      2048  = range(4096, 16385, 1024)
      4096  = range(8192, 30721, 1024)
      8192  = range(16384, 61441, 4096)
      16384 = range(32768, 122881, 8192)
      32768 = [61440, 122880, 249856]
    }, var.task.cpu), var.task.memory), false)
    error_message = "task.memory (${var.task.memory}) does not fit task.cpu (${var.task.cpu}): Fargate takes 256 with 512, 1024, 2048; 512 with 1024-4096; 1024 with 2048-8192; 2048 with 4096-16384; 4096 with 8192-30720 (steps of 1024); 8192 with 16-60 GiB by 4; 16384 with 32-120 GiB by 8; 32768 with 60, 120 or 244 GiB."
  }

  validation {
    condition     = contains(["X86_64", "ARM64"], var.task.architecture)
    error_message = "task.architecture must be X86_64 or ARM64."
  }

  validation {
    condition = var.task.ephemeral_storage_gib == null || try(
      var.task.ephemeral_storage_gib >= 21 && var.task.ephemeral_storage_gib <= 200,
      false,
    )
    error_message = "task.ephemeral_storage_gib must be 21 to 200, or null for Fargate's own 20."
  }

  validation {
    condition     = var.task.storage_bytes * 1.1 <= coalesce(var.task.ephemeral_storage_gib, 200) * pow(1024, 3)
    error_message = "task.storage_bytes (the images, compressed and unpacked, and the copies in volumes) and a tenth of it do not fit task.ephemeral_storage_gib: raise it (at most 200), leave it null, or make the images smaller."
  }

  validation {
    condition = try(
      alltrue([
        for container in jsondecode(var.task.container_definitions) :
        can(regex("@sha256:[0-9a-f]{64}$", container.image))
      ]),
      false,
    )
    error_message = "task.container_definitions must be a JSON list whose images name digests (repository@sha256:…): a tag can point to another image later."
  }

  validation {
    condition = try(
      contains(jsondecode(var.task.container_definitions)[*].name, var.task.container),
      false,
    )
    error_message = "task.container must be the name of one of task.container_definitions."
  }
}

variable "exec" {
  description = "Allow ECS Exec: a person may run commands in the tasks, through SSM. The containers need a writable root, and the task role the permissions for SSM's channels."
  type        = bool
  default     = false
  nullable    = false

  # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
  validation {
    condition = !var.exec || try(
      alltrue([
        for container in jsondecode(var.task.container_definitions) :
        !try(container.readonlyRootFilesystem, false) if container.name == var.task.container
      ]),
      false,
    )
    error_message = "exec needs a container with a writable root: set task.read_only = false in tandem.toml, or exec = false in the platform's tfvars. SSM's agent writes its files there."
  }
}
