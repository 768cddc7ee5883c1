data "aws_ec2_managed_prefix_list" "cloudfront" {
  count = var.cdn == null ? 0 : 1

  name = "com.amazonaws.global.cloudfront.origin-facing"
}

module "cdn" {
  source = "../modules/cdn"
  count  = var.cdn == null ? 0 : 1

  name                   = local.prefix
  load_balancer_arn      = module.load_balancer.arn
  load_balancer_dns_name = module.load_balancer.dns_name
  https                  = module.load_balancer.https
  api_path               = var.api_path
  asset_paths            = var.cdn.asset_paths
  domain                 = var.domain
  certificate_arn        = var.cdn.certificate_arn
  price_class            = var.cdn.price_class
}

resource "aws_route53_record" "cdn" {
  count = var.cdn != null && var.zone_id != null ? 1 : 0

  zone_id = var.zone_id
  name    = var.domain
  type    = "A"

  alias {
    name                   = module.cdn[0].domain_name
    zone_id                = "Z2FDTNDATAQYW2" # CloudFront's hosted zone, the same everywhere
    evaluate_target_health = false
  }
}

resource "aws_route53_record" "cdn_ipv6" {
  count = var.cdn != null && var.zone_id != null ? 1 : 0

  zone_id = var.zone_id
  name    = var.domain
  type    = "AAAA"

  alias {
    name                   = module.cdn[0].domain_name
    zone_id                = "Z2FDTNDATAQYW2" # CloudFront's hosted zone, the same everywhere
    evaluate_target_health = false
  }
}
