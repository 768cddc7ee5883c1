# The cheapest environment that serves a site: two zones, public tasks, no WAF, no endpoints but the free one for S3.
# About $54 a month, with two tasks of 0.25 vCPU and a little traffic: docs/guides/costs.md.
#     cp terraform/presets/minimal.tfvars terraform/envs/dev.tfvars
#     cp terraform/presets/minimal.release.tfvars terraform/envs/dev.release.tfvars
zones               = 2
nat                 = "none"
endpoints           = false
container_insights  = "disabled"
retention_days      = 7
deletion_protection = false
# alarm_emails = ["team@example.org"]
# Without a certificate the site is served over plain HTTP.
# domain  = "dev.example.org"
# zone_id = "Z0123456789ABCDEFGHIJ"
