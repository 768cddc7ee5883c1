locals {
  engines = {
    postgresql = { family = "POSTGRESQL", port = 5432 }
    mysql      = { family = "MYSQL", port = 3306 }
  }
  engine = local.engines[var.engine]
  # The proxy listens on the engine's own port, whatever the database's is.
  database_port = coalesce(var.database_port, local.engine.port)
}

resource "aws_db_proxy" "this" {
  name                   = var.name
  engine_family          = local.engine.family
  role_arn               = aws_iam_role.proxy.arn
  vpc_subnet_ids         = var.subnet_ids
  vpc_security_group_ids = [aws_security_group.proxy.id]
  require_tls            = true
  idle_client_timeout    = var.idle_client_timeout

  auth {
    auth_scheme = "SECRETS"
    description = "The API's user"
    iam_auth    = "REQUIRED"
    secret_arn  = local.secret_arn
  }

  # The proxy reads the secret as soon as it exists.
  depends_on = [aws_iam_role_policy.proxy]
}

resource "aws_db_proxy_default_target_group" "this" {
  db_proxy_name = aws_db_proxy.this.name

  connection_pool_config {
    max_connections_percent      = var.max_connections_percent
    max_idle_connections_percent = floor(var.max_connections_percent / 2)
  }

  # A proxy that is replaced keeps its name, but neither its target nor their settings.
  lifecycle {
    replace_triggered_by = [aws_db_proxy.this.arn]
  }
}

resource "aws_db_proxy_target" "this" {
  db_proxy_name          = aws_db_proxy.this.name
  target_group_name      = aws_db_proxy_default_target_group.this.name
  db_instance_identifier = var.instance
  db_cluster_identifier  = var.cluster

  lifecycle {
    replace_triggered_by = [aws_db_proxy.this.arn]
  }
}
