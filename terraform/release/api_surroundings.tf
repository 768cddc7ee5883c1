locals {
  database = var.platform.database == null ? {} : {
    DATABASE_HOST = var.platform.database.host
    DATABASE_PORT = tostring(var.platform.database.port)
    DATABASE_USER = var.platform.database.user
  }
  # The variables in tandem.toml come first.
  api_environment = merge(local.database, var.platform.api_environment, var.release.api.environment)

  api_tmp_volumes = var.api_tmpfs > 0 ? [] : ["tmp"]
  # Fargate has tmpfs since January 2026.
  api_tmpfs = {
    for key, size in { tmpfs = var.api_tmpfs } :
    key => [{ containerPath = "/tmp", size = size, mountOptions = ["noexec", "nosuid", "nodev"] }] if size > 0
  }

  api_file_system = var.platform.api_file_system
  api_mounts = concat(
    [for name in local.api_tmp_volumes : { sourceVolume = name, containerPath = "/tmp", readOnly = false }],
    local.api_file_system == null ? [] : [
      { sourceVolume = "files", containerPath = local.api_file_system.path, readOnly = local.api_file_system.read_only },
    ],
  )
  api_volumes = concat(
    [for name in local.api_tmp_volumes : { name = name, efs = null }],
    local.api_file_system == null ? [] : [{
      name = "files"
      efs  = { file_system_id = local.api_file_system.id, access_point_id = split("/", local.api_file_system.access_point_arn)[1] }
    }],
  )
}
