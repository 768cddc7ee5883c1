# A real AWS account for experiments: cheap, and easy to delete.
nat                 = "none"
deletion_protection = false
container_insights  = "disabled"
retention_days      = 7
