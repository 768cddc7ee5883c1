name                 = "t-api"
image                = "r/api@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
role_arn             = "arn:aws:iam::123456789012:role/f"
memory               = 512
timeout              = 10
reserved_concurrency = 10
log_group_name       = "/aws/lambda/t-api"
target_group_arn     = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/t-api/1"
