module "observability" {
  source = "../modules/observability"

  name           = local.prefix
  retention_days = var.retention_days
  kms_key_arn    = var.kms_key_arn
  emails         = var.alarm_emails
  cluster_arn    = aws_ecs_cluster.this.arn
  load_balancer  = module.load_balancer.arn_suffix

  log_groups = {
    app      = "/${var.name}/${var.environment}/app"
    api      = "/aws/lambda/${local.prefix}-api"
    api-task = "/${var.name}/${var.environment}/api"
  }

  targets = {
    for key, suffix in module.load_balancer.target_group_arn_suffixes :
    key => { suffix = suffix, latency = var.slow_seconds, hosts = key != "api" }
  }

  function = !contains(local.api_runtimes, "lambda") ? null : {
    name        = "${local.prefix}-api"
    timeout     = var.api_timeout
    concurrency = var.api_concurrency
  }
}
