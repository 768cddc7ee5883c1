# Production: three zones, private tasks, deletion protection, WAF and all logs.
# About $202 a month, with two tasks of 0.25 vCPU and a little traffic: docs/guides/costs.md.
#     cp terraform/presets/production.tfvars terraform/envs/prod.tfvars
#     cp terraform/presets/production.release.tfvars terraform/envs/prod.release.tfvars
# Without a certificate the site is served over plain HTTP: set domain and zone_id, or certificate_arn.
# domain  = "www.example.org"
# zone_id = "Z0123456789ABCDEFGHIJ"
zones = 3
nat   = "per_zone"
# Beside NAT, endpoints pay above about 2.5 TB a month.
endpoints        = false
flow_logs        = 30
access_logs_days = 90
# "count" logs what the managed rules would block; "block" blocks it. Read the log for a week before you block.
waf                 = { rate_limit = 2000, managed_rules = "count" }
deletion_protection = true
# Repositories tandem/prod/app …: other environments of the account have their own. Leave it out if the environment has
# repositories named tandem/app already: a change replaces them.
repositories_per_environment = true
retention_days               = 90
# alarm_emails = ["team@example.org"]
