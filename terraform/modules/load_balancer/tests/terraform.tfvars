name           = "t"
vpc_id         = "vpc-1"
subnet_ids     = ["subnet-1", "subnet-2"]
targets        = { app = { kind = "ip", port = 8080, health_path = "/healthz" }, api = { kind = "lambda" }, api-task = { kind = "ip", port = 8000 } }
default_target = "app"
routes         = { api = { priority = 100, paths = ["/api", "/api/*"], targets = { api = 100 } } }
