name                   = "t"
load_balancer_arn      = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/t/1"
load_balancer_dns_name = "internal-t.example.org"
api_path               = "/api"
