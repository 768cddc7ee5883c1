data "aws_partition" "current" {}

# Its value is {"username": …, "password": …}. The owner of the database writes it, so Terraform's state never has it.
resource "aws_secretsmanager_secret" "user" {
  count = var.secret_arn == null ? 1 : 0

  name        = "${var.name}-database"
  description = "User and password that the RDS Proxy ${var.name} connects to the database with"
  kms_key_id  = var.kms_key_arn

  recovery_window_in_days = var.recovery_days
}

locals {
  secret_arn = var.secret_arn == null ? aws_secretsmanager_secret.user[0].arn : var.secret_arn
  # A secret of the owner has a key of the owner's.
  secret_keys = var.secret_arn == null ? compact([var.kms_key_arn]) : distinct(compact(concat([var.kms_key_arn], var.secret_kms_key_arns)))
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["rds.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }
}

data "aws_iam_policy_document" "proxy" {
  statement {
    sid       = "Secret"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [local.secret_arn]
  }

  dynamic "statement" {
    for_each = length(local.secret_keys) == 0 ? [] : [local.secret_keys]

    content {
      sid       = "Decrypt"
      actions   = ["kms:Decrypt"]
      resources = statement.value

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["secretsmanager.${var.region}.${data.aws_partition.current.dns_suffix}"]
      }
    }
  }
}

resource "aws_iam_role" "proxy" {
  name                 = "${var.name}-database-proxy"
  description          = "The RDS Proxy reads its secret with it"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  path                 = var.path
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_role_policy" "proxy" {
  name   = "secret"
  role   = aws_iam_role.proxy.id
  policy = data.aws_iam_policy_document.proxy.json
}
