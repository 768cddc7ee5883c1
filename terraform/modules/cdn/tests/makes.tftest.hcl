mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "assets_are_cached_for_a_year" {
  command = plan

  assert {
    condition     = aws_cloudfront_cache_policy.assets.default_ttl == 31536000
    error_message = "assets are cached for another time"
  }

  assert {
    condition     = one([for behaviour in aws_cloudfront_distribution.this.ordered_cache_behavior : behaviour.cache_policy_id if behaviour.path_pattern == "/static/*"]) == "assets"
    error_message = "/static/* has another cache policy"
  }
}

run "the_api_is_never_cached" {
  command = plan

  assert {
    condition     = alltrue([for behaviour in aws_cloudfront_distribution.this.ordered_cache_behavior : behaviour.cache_policy_id == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad" if startswith(behaviour.path_pattern, "/api")])
    error_message = "a path of the API is cached"
  }

  assert {
    condition     = length([for behaviour in aws_cloudfront_distribution.this.ordered_cache_behavior : behaviour if startswith(behaviour.path_pattern, "/api")]) == 2
    error_message = "a path of the API has no behavior"
  }
}

run "cloudfront_reaches_the_load_balancer_inside_the_vpc" {
  command = plan

  assert {
    condition     = one(aws_cloudfront_distribution.this.origin).vpc_origin_config[0].vpc_origin_id == "vo_1"
    error_message = "the origin is not the VPC origin"
  }
}

run "viewers_are_redirected_to_https" {
  command = plan

  assert {
    condition     = aws_cloudfront_distribution.this.default_cache_behavior[0].viewer_protocol_policy == "redirect-to-https"
    error_message = "HTTP is not redirected"
  }
}

run "a_custom_domain_requires_tls_1_2" {
  command = plan

  variables {
    domain          = "www.example.org"
    certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
  }

  assert {
    condition     = aws_cloudfront_distribution.this.viewer_certificate[0].minimum_protocol_version == "TLSv1.2_2021" && output.url == "https://www.example.org"
    error_message = "TLS version or URL is wrong"
  }
}

run "an_origin_is_made_again_for_another_load_balancer_or_protocol" {
  command = plan

  assert {
    condition     = terraform_data.origin.triggers_replace == [var.load_balancer_arn, var.https]
    error_message = "CloudFront would have to change an origin in use, which it refuses"
  }

  assert {
    condition     = startswith(one(aws_cloudfront_vpc_origin.this.vpc_origin_endpoint_config).name, "${var.name}-http-")
    error_message = "the new origin has the name of the old one"
  }
}
