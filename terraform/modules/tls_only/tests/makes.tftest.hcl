mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "a_bucket_denies_exactly_what_comes_without_tls" {
  command = plan

  assert {
    condition     = length(output.statements) == 1 && output.statements[0].effect == "Deny" && output.statements[0].actions == toset(["s3:*"]) && output.statements[0].resources == toset(["arn:aws:s3:::t", "arn:aws:s3:::t/*"])
    error_message = "the policy does something else than deny everything of the bucket"
  }

  assert {
    condition     = one(output.statements[0].principals).type == "*" && one(output.statements[0].principals).identifiers == toset(["*"])
    error_message = "the policy holds for some callers only"
  }

  assert {
    condition     = one(output.statements[0].condition).test == "Bool" && one(output.statements[0].condition).variable == "aws:SecureTransport" && one(output.statements[0].condition).values == tolist(["false"])
    error_message = "requests with TLS are denied, or those without are not"
  }

  assert {
    condition     = aws_s3_bucket_policy.this[0].bucket == "t" && length(aws_sns_topic_policy.this) == 0
    error_message = "the bucket has no policy, or a topic has one"
  }
}

run "a_topic_takes_messages_of_its_publisher_and_denies_exactly_what_comes_without_tls" {
  command = plan

  variables {
    bucket    = null
    topic     = { arn = "arn:aws:sns:eu-central-1:123456789012:t" }
    publisher = { sid = "Publish", service = "events.amazonaws.com", test = "ArnEquals", variable = "aws:SourceArn", values = ["arn:aws:events:eu-central-1:123456789012:rule/t"] }
  }

  assert {
    condition     = length(output.statements) == 2 && output.statements[0].effect != "Deny" && output.statements[0].actions == toset(["sns:Publish"]) && one(output.statements[0].principals).identifiers == toset(["events.amazonaws.com"])
    error_message = "something else may publish"
  }

  assert {
    condition     = one(output.statements[0].condition).variable == "aws:SourceArn" && one(output.statements[0].condition).values == tolist(["arn:aws:events:eu-central-1:123456789012:rule/t"])
    error_message = "another source may publish"
  }

  assert {
    condition     = output.statements[1].effect == "Deny" && output.statements[1].actions == toset(["sns:Publish"]) && output.statements[1].resources == toset(["arn:aws:sns:eu-central-1:123456789012:t"]) && one(output.statements[1].condition).values == tolist(["false"])
    error_message = "messages with TLS are denied, or those without are not"
  }

  assert {
    condition     = aws_sns_topic_policy.this[0].arn == "arn:aws:sns:eu-central-1:123456789012:t" && length(aws_s3_bucket_policy.this) == 0
    error_message = "the topic has no policy, or a bucket has one"
  }
}
