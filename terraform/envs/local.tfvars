# The platform on one machine: small, unprotected, with the shortest health checks that a load balancer allows.
nat                  = "none"
health_interval      = 5
deregistration_delay = 2
deletion_protection  = false
require_tls          = false # the local AWS serves plain HTTP on loopback
retention_days       = 1
max_retries          = 3    # a call that the local AWS does not support fails in seconds instead of minutes
api_reads_releases   = true # the example API shows them
