name          = "t"
log_groups    = { app = "/t/app" }
cluster_arn   = "arn:aws:ecs:eu-central-1:123456789012:cluster/t"
load_balancer = "app/t/1"
targets       = { app = { suffix = "targetgroup/app/1" }, api = { suffix = "targetgroup/api/1", hosts = false } }
function      = { name = "t-api", timeout = 10, concurrency = 10 }
