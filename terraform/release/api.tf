module "api" {
  source = "../modules/api"
  count  = contains(local.api_runtimes, "lambda") ? 1 : 0

  name                    = var.platform.function_name
  image                   = var.release.api.image
  role_arn                = var.platform.function_role_arn
  architecture            = var.release.api.architecture
  handler                 = var.release.api.handler
  memory                  = var.release.api.memory
  timeout                 = var.release.api.timeout
  reserved_concurrency    = var.release.api.reserved_concurrency
  warmth                  = var.api_warmth
  provisioned_concurrency = var.api_provisioned_concurrency
  multi_value_headers     = var.platform.api_multi_value_headers
  ping_path               = "${var.release.api.path}/health"
  tracing                 = var.api_tracing
  kms_key_arn             = var.platform.kms_key_arn
  environment             = local.api_environment
  secrets                 = var.release.api.secrets
  log_group_name          = var.platform.function_log_group
  target_group_arn        = var.platform.api_target_group_arns["lambda"]
  description             = coalesce(var.release.api.description, "release ${var.release.number}")
  weights                 = var.release.api.weights
  file_system             = var.platform.api_file_system
  vpc = length(var.platform.function_subnet_ids) == 0 ? null : {
    subnet_ids         = var.platform.function_subnet_ids
    security_group_ids = var.platform.function_security_group_ids
  }
}
