data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  prefix = "${var.name}-${var.environment}"
  # A target group's name has at most 32 characters, of which the module load_balancer needs 14.
  hashed_prefix = "${substr(local.prefix, 0, 13)}-${substr(sha1(local.prefix), 0, 4)}"
  short_prefix  = length(local.prefix) <= 18 ? local.prefix : local.hashed_prefix
  tags          = merge(var.tags, { Project = var.name, Environment = var.environment })
  partition     = data.aws_partition.current.partition
  account_id    = data.aws_caller_identity.current.account_id

  # Without the environment the names are the account's: another environment may use these repositories too.
  repository_prefix = var.repositories_per_environment ? "${var.name}/${var.environment}" : var.name
  repositories      = { for key in ["app", "static", "api", "monolith", "site"] : key => "${local.repository_prefix}/${key}" }
  # The functions that may pull the API's images.
  functions = var.repositories_per_environment ? "${local.prefix}-api" : "${var.name}-*-api"
}
