platform = {
  name                        = "tandem-dev"
  region                      = "eu-central-1"
  account_id                  = "123456789012"
  cluster_arn                 = "arn:aws:ecs:eu-central-1:123456789012:cluster/tandem-dev"
  service_name                = "tandem-dev"
  service_subnet_ids          = ["subnet-1"]
  service_security_group_id   = "sg-1"
  service_assign_public_ip    = false
  app_target_group_arn        = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/app/1"
  api_target_group_arns       = { lambda = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/api/1" }
  api_runtime                 = "lambda"
  api_port                    = 8000
  api_log_group               = "/tandem/dev/api"
  function_name               = "tandem-dev-api"
  function_role_arn           = "arn:aws:iam::123456789012:role/function"
  function_log_group          = "/aws/lambda/tandem-dev-api"
  function_subnet_ids         = []
  function_security_group_ids = []
  execution_role_arn          = "arn:aws:iam::123456789012:role/execution"
  task_role_arn               = "arn:aws:iam::123456789012:role/task"
  load_balancer_arn_suffix    = "app/t/1"
  target_group_arn_suffixes   = { app = "targetgroup/app/1", api = "targetgroup/api/1", api-task = "targetgroup/task/1" }
  deployment_alarm_names      = { app = ["app-5xx"], api = ["api-5xx"], api-task = ["task-5xx"] }
}
release = {
  number  = 7
  layout  = "sidecar"
  commits = { app = "0123456789abcdef" }
  task = {
    family                = "t"
    cpu                   = 256
    memory                = 512
    execution_role_arn    = "arn:aws:iam::123456789012:role/e"
    task_role_arn         = "arn:aws:iam::123456789012:role/t"
    container             = "app"
    port                  = 8080
    volumes               = [{ name = "content" }]
    container_definitions = "[{\"name\":\"app\",\"image\":\"r/app@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"essential\":true}]"
    architecture          = "X86_64"
    count                 = 2
  }
  api = { image = "r/api@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", memory = 512, timeout = 10, reserved_concurrency = 10, secrets = { DB = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf" } }
}
