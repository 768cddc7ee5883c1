# What terraform/checks must refuse, and below each what it must accept.

resource "aws_lambda_function" "by_tag" {
  function_name = "a"
  role          = "arn:aws:iam::123456789012:role/a"
  package_type  = "Image"
  image_uri     = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/a:latest"
}

resource "aws_lambda_function" "by_digest" {
  function_name = "b"
  role          = "arn:aws:iam::123456789012:role/b"
  package_type  = "Image"
  image_uri     = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/b@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
}

resource "aws_ecs_task_definition" "by_tag" {
  family = "a"
  container_definitions = jsonencode([
    { name = "a", image = "a@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
    { name = "b", image = "registry:5000/b:1.2" },
  ])
}

resource "aws_ecs_task_definition" "by_digest" {
  family = "b"
  container_definitions = jsonencode([
    { name = "a", image = "a@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
  ])
}

resource "aws_ecs_task_definition" "text_by_tag" {
  family                = "c"
  container_definitions = "[{\"name\": \"a\", \"image\": \"nginx\"}]"
}
