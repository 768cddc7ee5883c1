mock_provider "aws" {
  override_during = plan

  mock_data "aws_availability_zones" {
    defaults = { names = ["xx-small-1a", "xx-small-1b"] }
  }
}

run "more_zones_than_the_region_has_are_refused" {
  command = plan

  variables {
    zones = 3
  }

  expect_failures = [data.aws_availability_zones.available]
}
