mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "malformed_paths_domains_without_certificate_and_unknown_price_classes_are_refused" {
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

run "a_path_of_assets_twice_is_refused" {
  command = plan

  variables {
    asset_paths = ["/static/*", "/static/*"]
  }

  expect_failures = [var.asset_paths]
}

run "certificates_outside_us_east_1_are_refused" {
  command = plan

  variables {
    domain          = "www.example.org"
    certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
  }

  expect_failures = [var.certificate_arn]
}
