mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "a_bucket_and_a_topic_at_once_are_refused" {
  command = plan

  variables {
    topic = { arn = "arn:aws:sns:eu-central-1:123456789012:t" }
  }

  expect_failures = [var.bucket]
}

run "a_publisher_to_a_bucket_is_refused" {
  command = plan

  variables {
    publisher = { sid = "Publish", service = "events.amazonaws.com", test = "ArnEquals", variable = "aws:SourceArn", values = ["arn:aws:events:eu-central-1:123456789012:rule/t"] }
  }

  expect_failures = [var.publisher]
}
