variable "database" {
  description = "RDS Proxy that the API may connect to, on both runtimes: the ARN of the database user, and the proxy's security group and port (5432 for PostgreSQL, 3306 for MySQL). With `host` the API gets DATABASE_HOST, DATABASE_PORT and DATABASE_USER. A function needs api_vpc."
  type = object({
    user_arn          = string
    security_group_id = string
    port              = optional(number, 5432)
    host              = optional(string)
  })
  default = null

  validation {
    condition     = var.database == null || var.api_vpc || !contains(local.api_runtimes, "lambda")
    error_message = "database needs api_vpc = true while the API runs as a function: an RDS Proxy can be reached from within the VPC only."
  }
}

variable "database_proxy" {
  description = "Create an RDS Proxy for a database and wire it as `database` does: the engine (`postgresql` or `mysql`), its `instance` or `cluster`, the `user` of the API, and the database's security group. Null creates none. See the module database_proxy."
  type = object({
    engine            = string
    instance          = optional(string)
    cluster           = optional(string)
    user              = string
    security_group_id = string
    port              = optional(number)
    secret_arn        = optional(string)
  })
  default = null

  validation {
    condition     = var.database_proxy == null || var.database == null
    error_message = "database_proxy creates a proxy, database names one that exists: set only one of them."
  }

  validation {
    condition     = var.database_proxy == null || var.api_vpc || !contains(local.api_runtimes, "lambda")
    error_message = "database_proxy needs api_vpc = true while the API runs as a function: an RDS Proxy can be reached from within the VPC only."
  }

  # The proxy is in the VPC of its database.
  validation {
    condition     = var.database_proxy == null || var.existing_network == null || try(length(var.existing_network.private_subnet_ids) >= 2, false)
    error_message = "database_proxy needs two private subnets in different zones: name them in existing_network.private_subnet_ids."
  }
}
