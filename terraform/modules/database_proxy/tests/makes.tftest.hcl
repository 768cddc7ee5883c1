mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "clients_need_tls_and_iam" {
  command = plan

  assert {
    condition     = aws_db_proxy.this.require_tls && one(aws_db_proxy.this.auth).iam_auth == "REQUIRED"
    error_message = "a client may connect in plain text or by password"
  }
}

run "postgresql_is_reached_on_its_port_by_one_user" {
  command = plan

  assert {
    condition     = aws_db_proxy.this.engine_family == "POSTGRESQL" && output.port == 5432 && aws_vpc_security_group_egress_rule.database.to_port == 5432
    error_message = "the engine or a port is another one"
  }

  assert {
    condition     = output.user_arn == "arn:aws:rds-db:eu-central-1:123456789012:dbuser:prx-0123456789abcdef0/app"
    error_message = "IAM would allow another user or proxy"
  }

  assert {
    condition     = aws_db_proxy_target.this.db_instance_identifier == "shop" && aws_db_proxy_target.this.db_cluster_identifier == null
    error_message = "the proxy leads elsewhere"
  }
}

run "mysql_may_have_a_port_of_its_own_behind_the_proxy" {
  command = plan

  variables {
    engine        = "mysql"
    instance      = null
    cluster       = "shop"
    database_port = 3307
  }

  assert {
    condition     = aws_db_proxy.this.engine_family == "MYSQL" && output.port == 3306 && aws_vpc_security_group_ingress_rule.proxy.from_port == 3307
    error_message = "the engine or a port is another one"
  }

  assert {
    condition     = aws_db_proxy_target.this.db_cluster_identifier == "shop"
    error_message = "the proxy leads elsewhere"
  }
}

run "the_database_lets_only_the_proxy_in" {
  command = plan

  assert {
    condition     = aws_vpc_security_group_ingress_rule.proxy.security_group_id == "sg-9" && aws_vpc_security_group_ingress_rule.proxy.referenced_security_group_id == aws_security_group.proxy.id && aws_vpc_security_group_ingress_rule.proxy.cidr_ipv4 == null
    error_message = "others get in, or the proxy does not"
  }
}

run "an_empty_secret_is_made_and_only_it_is_read" {
  command = plan

  assert {
    condition     = length(aws_secretsmanager_secret.user) == 1 && one(data.aws_iam_policy_document.proxy.statement).resources == toset([output.secret_arn])
    error_message = "there is no secret, or the proxy reads another"
  }

  assert {
    condition     = one(one(data.aws_iam_policy_document.trust.statement).condition).variable == "aws:SourceAccount" && one(one(data.aws_iam_policy_document.trust.statement).condition).values == tolist(["123456789012"])
    error_message = "another account's proxy may take the role"
  }
}

run "a_secret_of_the_owner_may_have_a_key_of_its_own" {
  command = plan

  variables {
    secret_arn          = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:mine-AbCdEf"
    secret_kms_key_arns = ["arn:aws:kms:eu-central-1:123456789012:key/99999999-2222-3333-4444-555555555555"]
  }

  assert {
    condition     = data.aws_iam_policy_document.proxy.statement[1].resources == toset(var.secret_kms_key_arns)
    error_message = "the proxy cannot decrypt its secret"
  }
}

run "a_made_secret_has_no_other_key" {
  command = plan

  variables {
    secret_kms_key_arns = ["arn:aws:kms:eu-central-1:123456789012:key/99999999-2222-3333-4444-555555555555"]
  }

  assert {
    condition     = length(data.aws_iam_policy_document.proxy.statement) == 1
    error_message = "the proxy may use a key that it does not need"
  }
}

run "the_owners_secret_and_key_are_used" {
  command = plan

  variables {
    secret_arn  = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:mine-AbCdEf"
    kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  }

  assert {
    condition     = length(aws_secretsmanager_secret.user) == 0 && one(aws_db_proxy.this.auth).secret_arn == var.secret_arn
    error_message = "the proxy uses another secret"
  }

  assert {
    condition     = data.aws_iam_policy_document.proxy.statement[1].resources == toset([var.kms_key_arn]) && one(data.aws_iam_policy_document.proxy.statement[1].condition).values == tolist(["secretsmanager.eu-central-1.amazonaws.com"])
    error_message = "the key may be used otherwise"
  }
}
