variable "api_warmth" {
  description = "`none`, `ping` (one instance is asked for its health every five minutes) or `provisioned`."
  type        = string
  default     = "none"
  nullable    = false

  validation {
    condition     = var.api_warmth == "none" || contains(keys(var.platform.api_target_group_arns), "lambda")
    error_message = "api_warmth must be none with api_runtime = \"fargate\": tasks are always warm."
  }
}

variable "api_provisioned_concurrency" {
  description = "Instances that stay ready, with api_warmth = provisioned."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.api_provisioned_concurrency == 0 || contains(keys(var.platform.api_target_group_arns), "lambda")
    error_message = "api_provisioned_concurrency must be 0 with api_runtime = \"fargate\": it is Lambda's. Set it to 0, or api_runtime = \"lambda\"."
  }
}

variable "api_tracing" {
  description = "Trace the function with X-Ray."
  type        = bool
  default     = true
  nullable    = false
}

module "api" {
  source = "../modules/api"
  count  = contains(keys(var.platform.api_target_group_arns), "lambda") ? 1 : 0

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
  ping_path               = "${var.release.api.path}/health"
  tracing                 = var.api_tracing
  kms_key_arn             = var.platform.kms_key_arn
  environment             = var.release.api.environment
  secrets                 = var.release.api.secrets
  log_group_name          = var.platform.function_log_group
  target_group_arn        = var.platform.api_target_group_arns["lambda"]
  description             = coalesce(var.release.api.description, "release ${var.release.number}")
  weights                 = var.release.api.weights
  vpc = length(var.platform.function_subnet_ids) == 0 ? null : {
    subnet_ids         = var.platform.function_subnet_ids
    security_group_ids = var.platform.function_security_group_ids
  }
}
