locals {
  # AWS's managed policies: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
  uncached       = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad" # CachingDisabled
  as_origin_says = "83da9c7e-98b4-4e11-a168-04f0df8e2c65" # UseOriginCacheControlHeaders
  whole_request  = "216adef6-5c7f-47e4-b989-5492eafa07d3" # AllViewer
  origin         = "load-balancer"
}

# CloudFront reaches into the VPC: the load balancer has no public address that one could go to instead.
resource "aws_cloudfront_vpc_origin" "this" {
  vpc_origin_endpoint_config {
    name                   = var.name
    arn                    = var.load_balancer_arn
    http_port              = 80
    https_port             = 443
    origin_protocol_policy = var.https ? "https-only" : "http-only"

    origin_ssl_protocols {
      items    = ["TLSv1.2"]
      quantity = 1
    }
  }
}

resource "aws_cloudfront_cache_policy" "assets" {
  name        = "${var.name}-assets"
  comment     = "Files with a hash in their names never change"
  default_ttl = 31536000
  max_ttl     = 31536000
  min_ttl     = 86400

  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_gzip   = true
    enable_accept_encoding_brotli = true

    cookies_config {
      cookie_behavior = "none"
    }

    headers_config {
      header_behavior = "none"
    }

    query_strings_config {
      query_string_behavior = "none"
    }
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

  # Pages: as their own headers say.
  default_cache_behavior {
    target_origin_id         = local.origin
    viewer_protocol_policy   = "redirect-to-https"
    allowed_methods          = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
    cached_methods           = ["GET", "HEAD"]
    compress                 = true
    cache_policy_id          = local.as_origin_says
    origin_request_policy_id = local.whole_request
  }

  dynamic "ordered_cache_behavior" {
    for_each = concat(
      [for path in [var.api_path, "${var.api_path}/*"] : { path = path, cache = local.uncached, methods = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"], request = local.whole_request }],
      [for path in var.asset_paths : { path = path, cache = aws_cloudfront_cache_policy.assets.id, methods = ["GET", "HEAD"], request = null }],
    )

    content {
      path_pattern             = ordered_cache_behavior.value.path
      target_origin_id         = local.origin
      viewer_protocol_policy   = "redirect-to-https"
      allowed_methods          = ordered_cache_behavior.value.methods
      cached_methods           = ["GET", "HEAD"]
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
