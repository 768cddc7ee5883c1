# The platform on one machine: everything small, nothing protected, checks as quick as a load balancer allows.
nat                  = "none"
health_interval      = 5
deregistration_delay = 2
deletion_protection  = false
require_tls          = false # the local AWS speaks plain HTTP on loopback
retention_days       = 1
max_retries          = 3 # a call that the local AWS lacks fails at once instead of after minutes
