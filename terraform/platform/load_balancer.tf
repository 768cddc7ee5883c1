moved {
  from = module.edge
  to   = module.load_balancer
}

module "load_balancer" {
  source = "../modules/load_balancer"

  name                    = local.short_prefix
  vpc_id                  = module.network.vpc_id
  internal                = local.is_internal
  subnet_ids              = local.is_internal ? module.network.private_subnet_ids : module.network.public_subnet_ids
  ingress_cidrs           = var.cdn == null ? var.ingress_cidrs : []
  ingress_prefix_list_ids = var.cdn == null ? {} : { CloudFront = data.aws_ec2_managed_prefix_list.cloudfront[0].id }
  deletion_protection     = var.deletion_protection
  certificate_arn         = var.certificate_arn
  domain                  = var.domain
  zone_id                 = var.zone_id
  access_logs_days        = var.access_logs_days
  require_tls             = var.require_tls
  waf                     = local.waf
  kms_key_arn             = var.kms_key_arn
  headers = {
    content_security_policy   = var.content_security_policy
    strict_transport_security = var.strict_transport_security
  }
  default_target = "app"
  targets        = merge({ app = local.app_target }, local.api_target_groups, local.service_targets)
  routes         = local.routes
}

locals {
  is_internal = var.internal || var.cdn != null

  # Behind CloudFront every request comes from one of its addresses.
  waf = var.waf == null ? null : merge(var.waf, { behind_proxy = var.cdn != null })

  health_check = {
    kind                 = "ip"
    health_interval      = var.health_interval
    health_timeout       = min(5, var.health_interval - 1)
    deregistration_delay = var.deregistration_delay
  }

  app_target = merge(local.health_check, {
    port        = var.app_port
    health_path = var.app_health_path
    stickiness  = var.stickiness
  })

  api_task_target = merge(local.health_check, {
    port        = var.api_port
    health_path = "${var.api_path}/health"
  })

  # Only for the runtimes that the API has.
  api_target_groups = merge(
    contains(local.api_runtimes, "lambda") ? { api = { kind = "lambda", multi_value_headers = var.api_multi_value_headers } } : {},
    contains(local.api_runtimes, "fargate") ? { api-task = local.api_task_target } : {},
  )

  service_targets = { for key, service in var.services : key => merge(local.health_check, service) }

  routes = merge(var.routes, { for name, route in local.api_routes : name => route if var.api_enabled && length(route.paths) > 0 })
  api_routes = {
    api = {
      priority = 100
      paths    = [var.api_path, "${var.api_path}/*"]
      targets  = { for runtime, share in local.api_shares : local.api_targets[runtime] => share }
    }
    # Until tasks serve, the function answers these paths too.
    api-large = {
      priority = 90
      paths    = try(local.api_shares.fargate, 0) > 0 ? var.api_large_paths : []
      targets  = { api-task = 1 }
    }
  }
}
