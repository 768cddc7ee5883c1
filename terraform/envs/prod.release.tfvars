# Production keeps all tasks up while it replaces them, and grows with the load.
autoscaling = { minimum = 2, maximum = 10, cpu = 60, requests = 1000 }
api_warmth  = "ping"
