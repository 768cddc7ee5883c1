locals {
  # AWS's managed policies: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
  caching_disabled     = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad" # CachingDisabled
  origin_cache_headers = "83da9c7e-98b4-4e11-a168-04f0df8e2c65" # UseOriginCacheControlHeaders
  whole_viewer_request = "216adef6-5c7f-47e4-b989-5492eafa07d3" # AllViewer
  origin               = "load-balancer"
  read_methods         = ["GET", "HEAD"]
  every_method         = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]

  api_behavior = {
    cache   = local.caching_disabled
    methods = local.every_method
    request = local.whole_viewer_request
  }

  asset_behavior = {
    cache   = aws_cloudfront_cache_policy.assets.id
    methods = local.read_methods
    request = null
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
