# CloudFront changes no VPC origin that a distribution uses (409). A new one is made first, when the load balancer is
# another, or has HTTPS from now on because it got a domain. https://github.com/hashicorp/terraform-provider-aws/issues/40905
resource "terraform_data" "origin" {
  triggers_replace = [var.load_balancer_arn, var.https]
}

# CloudFront reaches the load balancer inside the VPC. It has no public address that would bypass CloudFront.
resource "aws_cloudfront_vpc_origin" "this" {
  vpc_origin_endpoint_config {
    name                   = "${var.name}-${var.https ? "https" : "http"}-${substr(sha1(var.load_balancer_arn), 0, 6)}"
    arn                    = var.load_balancer_arn
    http_port              = 80
    https_port             = 443
    origin_protocol_policy = var.https ? "https-only" : "http-only"

    origin_ssl_protocols {
      items    = ["TLSv1.2"]
      quantity = 1
    }
  }

  lifecycle {
    create_before_destroy = true
    replace_triggered_by  = [terraform_data.origin]
  }
}

resource "aws_cloudfront_distribution" "this" {
  enabled         = true
  comment         = var.name
  aliases         = var.domain == null ? [] : [var.domain]
  price_class     = var.price_class
  http_version    = "http2and3"
  is_ipv6_enabled = true

  origin {
    origin_id   = local.origin
    domain_name = coalesce(var.domain, var.load_balancer_dns_name)

    vpc_origin_config {
      vpc_origin_id = aws_cloudfront_vpc_origin.this.id
    }
  }

  # Pages are cached as their Cache-Control headers say.
  default_cache_behavior {
    target_origin_id         = local.origin
    viewer_protocol_policy   = "redirect-to-https"
    allowed_methods          = local.every_method
    cached_methods           = local.read_methods
    compress                 = true
    cache_policy_id          = local.origin_cache_headers
    origin_request_policy_id = local.whole_viewer_request
  }

  dynamic "ordered_cache_behavior" {
    for_each = concat(
      [for path in [var.api_path, "${var.api_path}/*"] : merge(local.api_behavior, { path = path })],
      [for path in var.asset_paths : merge(local.asset_behavior, { path = path })],
    )

    content {
      path_pattern             = ordered_cache_behavior.value.path
      target_origin_id         = local.origin
      viewer_protocol_policy   = "redirect-to-https"
      allowed_methods          = ordered_cache_behavior.value.methods
      cached_methods           = local.read_methods
      compress                 = true
      cache_policy_id          = ordered_cache_behavior.value.cache
      origin_request_policy_id = ordered_cache_behavior.value.request
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = var.certificate_arn == null
    acm_certificate_arn            = var.certificate_arn
    ssl_support_method             = var.certificate_arn == null ? null : "sni-only"
    minimum_protocol_version       = var.certificate_arn == null ? "TLSv1" : "TLSv1.2_2021"
  }
}
