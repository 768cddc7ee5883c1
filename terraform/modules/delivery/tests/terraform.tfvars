name         = "t-prod"
environment  = "prod"
account_id   = "123456789012"
region       = "eu-central-1"
image        = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/t/pipeline@sha256:0000000000000000000000000000000000000000000000000000000000000000"
release_role = { name = "t-prod-release", arn = "arn:aws:iam::123456789012:role/t-prod-release" }
repositories = {
  project = { connection_arn = "arn:aws:codeconnections:eu-central-1:123456789012:connection/11111111-2222-3333-4444-555555555555", repository = "you/release" }
  app     = { connection_arn = "arn:aws:codeconnections:eu-central-1:123456789012:connection/11111111-2222-3333-4444-555555555555", repository = "you/site" }
  static  = { connection_arn = "arn:aws:codestar-connections:eu-central-1:123456789012:connection/22222222-2222-3333-4444-555555555555", repository = "group/sub/content", branch = "live", paths = ["public/**"] }
}
