data "aws_caller_identity" "current" {}

locals {
  full = "${var.name}-${var.environment}"
  # Target groups' names hold 32 characters, of which they need 14 for themselves.
  short        = length(local.full) <= 18 ? local.full : "${substr(local.full, 0, 13)}-${substr(sha1(local.full), 0, 4)}"
  account_id   = data.aws_caller_identity.current.account_id
  repositories = { for key in ["app", "static", "api", "monolith", "site"] : key => "${var.name}/${key}" }
}
