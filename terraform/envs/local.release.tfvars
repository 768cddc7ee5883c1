# The deployment alarms exist, but no metrics reach them here.
deployment_alarms = false
max_retries       = 3 # a call that the local AWS lacks fails at once instead of after minutes
