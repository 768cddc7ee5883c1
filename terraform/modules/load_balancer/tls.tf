locals {
  https                = var.certificate_arn != null || var.zone_id != null
  requests_certificate = var.certificate_arn == null && var.zone_id != null
  # Known when the certificate is valid, so that the listener waits for the validation.
  certificate_arn = local.requests_certificate ? aws_acm_certificate_validation.this[0].certificate_arn : var.certificate_arn
}

data "aws_region" "current" {}

resource "aws_acm_certificate" "this" {
  count = local.requests_certificate ? 1 : 0

  domain_name       = var.domain
  validation_method = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "validation" {
  count = local.requests_certificate ? 1 : 0

  zone_id         = var.zone_id
  name            = tolist(aws_acm_certificate.this[0].domain_validation_options)[0].resource_record_name
  type            = tolist(aws_acm_certificate.this[0].domain_validation_options)[0].resource_record_type
  records         = [tolist(aws_acm_certificate.this[0].domain_validation_options)[0].resource_record_value]
  ttl             = 60
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "this" {
  count = local.requests_certificate ? 1 : 0

  certificate_arn         = aws_acm_certificate.this[0].arn
  validation_record_fqdns = [aws_route53_record.validation[0].fqdn]
}

resource "aws_route53_record" "site" {
  count = var.zone_id != null && !var.internal ? 1 : 0

  zone_id = var.zone_id
  name    = var.domain
  type    = "A"

  alias {
    name                   = aws_lb.this.dns_name
    zone_id                = aws_lb.this.zone_id
    evaluate_target_health = true
  }
}
