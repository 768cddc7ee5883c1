# Production scales with the load and keeps one instance of the function warm.
autoscaling = { minimum = 2, maximum = 10, cpu = 60, requests = 1000 }
api_warmth  = "ping"
