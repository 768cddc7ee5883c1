name          = "t"
region        = "eu-central-1"
headline      = "## t: release 7"
load_balancer = "app/t/1"
targets       = { app = "targetgroup/app/1" }
service       = { cluster = "t", name = "t" }
