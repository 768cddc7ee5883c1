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
}

variables {
  name          = "t"
  region        = "eu-central-1"
  headline      = "## t: release 7"
  load_balancer = "app/t/1"
  targets       = { app = "targetgroup/app/1" }
  service       = { cluster = "t", name = "t" }
}

run "the_release_stands_at_the_top" {
  command = plan

  assert {
    condition     = jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets[0].properties.markdown == "## t: release 7"
    error_message = "as text"
  }
}

run "traffic_is_split_by_the_functions_version" {
  command = plan

  variables {
    function_name = "t-api"
  }

  assert {
    condition     = strcontains(aws_cloudwatch_dashboard.this.dashboard_body, "ExecutedVersion") && length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets) == 7
    error_message = "a line each"
  }
}

run "an_api_of_tasks_has_no_function_widgets" {
  command = plan

  assert {
    condition     = length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets) == 5
    error_message = "fewer"
  }
}
