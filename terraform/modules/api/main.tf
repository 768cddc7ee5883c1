locals {
  environment = merge(var.environment, { for name, arn in var.secrets : "${name}_ARN" => arn })
}

resource "aws_lambda_function" "this" {
  function_name = var.name
  role          = var.role_arn
  package_type  = "Image"
  image_uri     = var.image
  architectures = [lower(var.architecture)]
  memory_size   = var.memory
  timeout       = var.timeout
  publish       = true
  kms_key_arn   = var.kms_key_arn

  reserved_concurrent_executions = var.reserved_concurrency == 0 ? -1 : var.reserved_concurrency # -1 reserves none

  # An empty block would be a change in each plan, and each apply would publish a version; below as well.
  dynamic "image_config" {
    for_each = var.handler == null ? [] : [var.handler]

    content {
      command = [image_config.value]
    }
  }

  dynamic "environment" {
    for_each = length(local.environment) == 0 ? [] : [local.environment]

    content {
      variables = environment.value
    }
  }

  logging_config {
    log_format = "JSON"
    log_group  = var.log_group_name
  }

  tracing_config {
    mode = var.tracing ? "Active" : "PassThrough"
  }

  dynamic "vpc_config" {
    for_each = var.vpc == null ? [] : [var.vpc]

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  dynamic "file_system_config" {
    for_each = var.file_system == null ? [] : [var.file_system]

    content {
      arn              = file_system_config.value.access_point_arn
      local_mount_path = file_system_config.value.path
    }
  }
}
