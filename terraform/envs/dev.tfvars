# A real AWS account for experiments: cheap, and easy to delete.
nat                 = "none"
deletion_protection = false
# repositories_per_environment = true  # for each further environment of the account, before its first apply
container_insights = "disabled"
retention_days     = 7
