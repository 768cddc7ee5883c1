mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
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
