variable "name" {
  description = "Name of the proxy, and prefix of the names of its role, group and secret."
  type        = string
  nullable    = false

  # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBProxy.html
  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$", var.name)) && length(var.name) <= 48
    error_message = "name must begin with a letter, have at most 48 letters, digits and single hyphens, and not end with a hyphen: RDS takes no other for a proxy. Change name in tandem.toml, or the environment's."
  }
}

variable "account_id" {
  description = "Account ID: RDS may assume the role for this account only."
  type        = string
  nullable    = false
}

variable "region" {
  description = "AWS region."
  type        = string
  nullable    = false
}

variable "vpc_id" {
  description = "VPC of the database."
  type        = string
  nullable    = false
}

variable "subnet_ids" {
  description = "Subnets of the proxy, in two zones or more."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids must name at least two subnets, each in a zone of its own: a proxy needs them."
  }
}

variable "engine" {
  description = "`postgresql` or `mysql`, for RDS and Aurora alike; MariaDB speaks mysql."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["postgresql", "mysql"], var.engine)
    error_message = "engine must be postgresql or mysql."
  }
}

variable "instance" {
  description = "Identifier of the RDS instance; null if it is a cluster."
  type        = string
  default     = null

  validation {
    condition     = (var.instance == null) != (var.cluster == null)
    error_message = "instance or cluster must name the database, and only one of them."
  }
}

variable "cluster" {
  description = "Identifier of the Aurora cluster; null if it is an instance."
  type        = string
  default     = null
}

variable "user" {
  description = "Database user that the API connects as: the `username` in the secret."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z_][A-Za-z0-9_]{0,31}$", var.user))
    error_message = "user must be the name of one database user: letters, digits and underscores."
  }
}

variable "database_security_group_id" {
  description = "Security group of the database, which lets the proxy in."
  type        = string
  nullable    = false
}

variable "database_port" {
  description = "Port of the database; null is the engine's own."
  type        = number
  default     = null

  validation {
    condition     = coalesce(var.database_port, 1150) >= 1150 && coalesce(var.database_port, 1150) <= 65535
    error_message = "database_port must be 1150 to 65535: RDS takes no other."
  }
}

variable "secret_kms_key_arns" {
  description = "Customer managed KMS keys that `secret_arn` may be encrypted with."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.secret_kms_key_arns : can(regex("^arn:aws[a-z-]*:kms:", arn))])
    error_message = "secret_kms_key_arns must be ARNs of KMS keys (arn:aws:kms:…)."
  }
}

variable "secret_arn" {
  description = "Secret with `username` and `password` of the database user; null creates an empty one, which the owner of the database fills."
  type        = string
  default     = null

  validation {
    condition     = var.secret_arn == null || can(regex("^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[^*]+$", var.secret_arn))
    error_message = "secret_arn must be the ARN of a Secrets Manager secret, without wildcards."
  }
}
