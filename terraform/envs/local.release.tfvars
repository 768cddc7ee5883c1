# The local AWS has no metrics for the deployment alarms.
deployment_alarms = false
max_retries       = 3 # a call that the local AWS does not support fails in seconds instead of minutes
