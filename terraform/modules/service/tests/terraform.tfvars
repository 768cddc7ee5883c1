name               = "t"
cluster_arn        = "arn:aws:ecs:eu-central-1:123456789012:cluster/t"
desired_count      = 2
subnet_ids         = ["subnet-1"]
security_group_ids = ["sg-1"]
target_group_arn   = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/t/1"
load_balancer      = "app/t/1/targetgroup/t/1"
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
}
