mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "the_headline_is_the_first_widget" {
  command = plan

  assert {
    condition     = jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets[0].properties.markdown == "## t: release 7"
    error_message = "the first widget is not the headline"
  }
}

run "api_traffic_is_shown_by_function_version" {
  command = plan

  variables {
    function_name = "t-api"
  }

  assert {
    condition     = strcontains(aws_cloudwatch_dashboard.this.dashboard_body, "ExecutedVersion") && length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets) == 7
    error_message = "a widget of the function is missing"
  }
}

run "an_api_of_tasks_has_no_function_widgets" {
  command = plan

  assert {
    condition     = length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets) == 5
    error_message = "the number of widgets is wrong"
  }
}
