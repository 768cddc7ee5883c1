mock_provider "aws" {
  override_during = plan

  mock_data "aws_availability_zones" {
    defaults = { names = ["eu-central-1a", "eu-central-1b", "eu-central-1c"] }
  }

  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\": \"2012-10-17\", \"Statement\": []}" }
  }

  mock_resource "aws_cloudfront_distribution" {
    defaults = { domain_name = "d1.cloudfront.net" }
  }

  mock_resource "aws_cloudfront_cache_policy" {
    defaults = { id = "assets" }
  }

  mock_resource "aws_cloudfront_vpc_origin" {
    defaults = { id = "vo_1" }
  }
}

variables {
  name                   = "t"
  load_balancer_arn      = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/t/1"
  load_balancer_dns_name = "internal-t.example.org"
  api_path               = "/api"
}

run "an_api_path_that_ends_with_a_slash_and_an_asset_path_without_a_slash_and_a_domain_without_a_certificate_and_a_price_class_that_is_none" {
  command = plan

  variables {
    api_path    = "/api/"
    asset_paths = ["static/*"]
    domain      = "www.example.org"
    price_class = "cheap"
  }

  expect_failures = [
    var.api_path,
    var.asset_paths,
    var.certificate_arn,
    var.price_class,
  ]
}

run "a_certificate_of_another_region" {
  command = plan

  variables {
    domain          = "www.example.org"
    certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
  }

  expect_failures = [var.certificate_arn]
}
