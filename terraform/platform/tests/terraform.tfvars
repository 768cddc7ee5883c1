name        = "tandem"
environment = "dev"
region      = "eu-central-1"
