mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "without_a_certificate_the_site_is_plain_http" {
  command = plan

  assert {
    condition     = aws_lb_listener.site.protocol == "HTTP" && length(aws_lb_listener.redirect) == 0
    error_message = "there is more than one plain listener"
  }

  assert {
    condition     = output.https == false
    error_message = "the output https is not false"
  }
}

run "with_a_certificate_the_site_is_https_and_http_is_redirected" {
  command = plan

  variables {
    certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
  }

  assert {
    condition     = aws_lb_listener.site.protocol == "HTTPS" && aws_lb_listener.site.port == 443
    error_message = "the listener is not HTTPS on port 443"
  }

  assert {
    condition     = aws_lb_listener.site.ssl_policy == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    error_message = "the listener has another TLS policy"
  }

  assert {
    condition     = aws_lb_listener.redirect[0].default_action[0].redirect[0].status_code == "HTTP_301" && aws_lb_listener.redirect[0].default_action[0].redirect[0].protocol == "HTTPS"
    error_message = "HTTP is not redirected to HTTPS"
  }

  assert {
    condition     = startswith(aws_lb_listener.site.routing_http_response_strict_transport_security_header_value, "max-age=31536000")
    error_message = "HSTS is missing"
  }
}

run "a_domain_with_a_zone_gets_a_certificate_and_a_record" {
  command = plan

  variables {
    domain  = "www.example.org"
    zone_id = "Z1"
  }

  assert {
    condition     = aws_acm_certificate.this[0].validation_method == "DNS" && aws_acm_certificate.this[0].domain_name == "www.example.org"
    error_message = "the certificate is not requested with DNS validation"
  }

  assert {
    condition     = aws_route53_record.site[0].name == "www.example.org" && output.url == "https://www.example.org"
    error_message = "the record or the URL is wrong"
  }
}

run "no_certificate_is_requested_if_one_is_given" {
  command = plan

  variables {
    domain          = "www.example.org"
    zone_id         = "Z1"
    certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
  }

  assert {
    condition     = length(aws_acm_certificate.this) == 0 && length(aws_route53_record.site) == 1
    error_message = "a certificate is requested"
  }
}

run "invalid_headers_are_dropped_and_request_smuggling_is_mitigated" {
  command = plan

  assert {
    condition     = aws_lb.this.drop_invalid_header_fields && aws_lb.this.desync_mitigation_mode == "defensive"
    error_message = "invalid headers or request smuggling pass"
  }
}

run "every_response_has_security_headers" {
  command = plan

  assert {
    condition     = aws_lb_listener.site.routing_http_response_x_content_type_options_header_value == "nosniff"
    error_message = "nosniff is missing"
  }

  assert {
    condition     = aws_lb_listener.site.routing_http_response_x_frame_options_header_value == "SAMEORIGIN"
    error_message = "X-Frame-Options is missing"
  }

  assert {
    condition     = aws_lb_listener.site.routing_http_response_server_enabled == false
    error_message = "the Server header is sent"
  }
}

run "deletion_protection_can_be_switched_on" {
  command = plan

  variables {
    deletion_protection = true
  }

  assert {
    condition     = aws_lb.this.enable_deletion_protection
    error_message = "deletion protection is off"
  }
}

run "access_logs_go_to_a_private_encrypted_bucket" {
  command = plan

  variables {
    access_logs_days = 90
  }

  assert {
    condition     = aws_s3_bucket_public_access_block.logs[0].block_public_policy && aws_s3_bucket_public_access_block.logs[0].restrict_public_buckets
    error_message = "the bucket is public"
  }

  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.logs[0].rule).apply_server_side_encryption_by_default[0].sse_algorithm == "AES256"
    error_message = "the bucket is not encrypted"
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.logs[0].rule[0].expiration[0].days == 90
    error_message = "the logs expire after another time"
  }
}

run "tasks_have_health_checks_and_functions_have_none" {
  command = plan

  assert {
    condition     = aws_lb_target_group.this["app"].health_check[0].path == "/healthz" && aws_lb_target_group.this["app"].target_type == "ip"
    error_message = "the target group of tasks is wrong"
  }

  assert {
    condition     = aws_lb_target_group.this["api"].target_type == "lambda" && aws_lb_target_group.this["api"].port == null
    error_message = "the target group of the function is wrong"
  }
}

run "stickiness_routes_a_browser_to_the_same_task" {
  command = plan

  variables {
    targets = { app = { kind = "ip", stickiness = 600 } }
    routes  = {}
  }

  assert {
    condition     = aws_lb_target_group.this["app"].stickiness[0].enabled && aws_lb_target_group.this["app"].stickiness[0].cookie_duration == 600
    error_message = "the stickiness is not 600 seconds"
  }
}

run "one_path_may_have_two_targets" {
  command = plan

  variables {
    routes = { api = { priority = 100, paths = ["/api/*"], targets = { api = 90, api-task = 10 } } }
  }

  assert {
    condition     = length(aws_lb_listener_rule.this["api"].action[0].forward[0].target_group) == 2
    error_message = "the path has not two target groups"
  }
}

run "several_services_share_the_load_balancer" {
  command = plan

  variables {
    routes = { api = { priority = 100, paths = ["/api/*"], targets = { api = 1 } }, admin = { priority = 50, paths = ["/api/admin/*"], targets = { api-task = 1 } } }
  }

  assert {
    condition     = length(aws_lb_listener_rule.this) == 2
    error_message = "a rule is missing"
  }
}

run "only_the_load_balancer_reaches_the_targets" {
  command = plan

  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_ingress_rule.balancer : rule.referenced_security_group_id == aws_security_group.balancer.id])
    error_message = "a rule admits another source than the load balancer"
  }

  assert {
    condition     = toset(keys(aws_vpc_security_group_ingress_rule.balancer)) == toset(["8080", "8000"])
    error_message = "the ports are not those of the targets"
  }
}

run "only_cloudfront_reaches_an_internal_load_balancer" {
  command = plan

  variables {
    internal                = true
    ingress_cidrs           = []
    ingress_prefix_list_ids = { CloudFront = "pl-1" }
  }

  assert {
    condition     = aws_lb.this.internal && alltrue([for rule in aws_vpc_security_group_ingress_rule.visitors : rule.prefix_list_id == "pl-1" && rule.cidr_ipv4 == null])
    error_message = "another source than CloudFront may reach the load balancer"
  }
}

run "the_waf_has_managed_rules_a_rate_limit_and_redacted_logs" {
  command = plan

  variables {
    waf = {}
  }

  assert {
    condition     = length(aws_wafv2_web_acl.this[0].rule) == 4
    error_message = "the web ACL has not four rules"
  }

  assert {
    condition     = length(aws_wafv2_web_acl_logging_configuration.this[0].redacted_fields) == 2
    error_message = "authorization or cookie is logged"
  }

  assert {
    condition     = startswith(aws_cloudwatch_log_group.waf[0].name, "aws-waf-logs-")
    error_message = "the log group lacks the prefix that WAF requires"
  }
}

run "a_target_that_changes_its_port_gets_a_new_name" {
  command = plan

  variables {
    targets = { app = { kind = "ip", port = 9090 } }
    routes  = {}
  }

  assert {
    condition     = endswith(aws_lb_target_group.this["app"].name, "-app-${substr(sha1(jsonencode(["ip", 9090, "vpc-1"])), 0, 4)}")
    error_message = "the name does not depend on the port"
  }
}

run "managed_rules_only_count_until_they_are_to_block" {
  command = plan

  variables {
    waf = {}
  }

  assert {
    condition     = alltrue([for rule in aws_wafv2_web_acl.this[0].rule : length(rule.override_action[0].count) == 1 && length(rule.override_action[0].none) == 0 if rule.name != "rate"])
    error_message = "a managed rule blocks"
  }
}

run "the_waf_blocks_by_managed_rules_and_rate_and_is_associated" {
  command = plan

  variables {
    waf = { managed_rules = "block", rate_limit = 300 }
  }

  assert {
    condition     = alltrue([for rule in aws_wafv2_web_acl.this[0].rule : length(rule.override_action[0].none) == 1 && length(rule.override_action[0].count) == 0 if rule.name != "rate"])
    error_message = "a managed rule only counts"
  }

  assert {
    condition     = one([for rule in aws_wafv2_web_acl.this[0].rule : length(rule.action[0].block) == 1 && rule.statement[0].rate_based_statement[0].limit == 300 && rule.statement[0].rate_based_statement[0].aggregate_key_type == "IP" if rule.name == "rate"])
    error_message = "the rate limit does not block by address"
  }

  assert {
    condition     = aws_wafv2_web_acl_association.this[0].resource_arn == aws_lb.this.arn && aws_wafv2_web_acl_association.this[0].web_acl_arn == aws_wafv2_web_acl.this[0].arn
    error_message = "the web ACL is not the load balancer's"
  }

  assert {
    condition     = one(flatten([for rule in aws_wafv2_web_acl.this[0].rule : [for override in rule.statement[0].managed_rule_group_statement[0].rule_action_override : "${override.name} ${length(override.action_to_use[0].count)}"] if rule.name == "AWSManagedRulesCommonRuleSet"])) == "SizeRestrictions_BODY 1"
    error_message = "bodies above 8 KB are blocked"
  }
}

run "behind_a_proxy_the_rate_is_of_the_forwarded_address" {
  command = plan

  variables {
    waf = { behind_proxy = true }
  }

  assert {
    condition     = one([for rule in aws_wafv2_web_acl.this[0].rule : rule.statement[0].rate_based_statement[0].aggregate_key_type == "FORWARDED_IP" && rule.statement[0].rate_based_statement[0].forwarded_ip_config[0].header_name == "X-Forwarded-For" if rule.name == "rate"])
    error_message = "the rate limit is the proxy's"
  }
}

run "with_https_a_prefix_list_may_use_only_port_443" {
  command = plan

  variables {
    ingress_cidrs           = []
    ingress_prefix_list_ids = { CloudFront = "pl-1" }
    certificate_arn         = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
  }

  assert {
    condition     = [for rule in aws_vpc_security_group_ingress_rule.visitors : rule.from_port] == [443]
    error_message = "the prefix list has another rule than that of port 443, and its entries count for each"
  }
}

run "access_logs_are_read_over_tls_only" {
  command = plan

  variables {
    access_logs_days = 30
  }

  assert {
    condition     = jsonencode([for statement in data.aws_iam_policy_document.logs[0].statement : [statement.actions, statement.resources, one(statement.principals).identifiers, one(statement.condition)] if statement.effect == "Deny"]) == jsonencode([[["s3:*"], [aws_s3_bucket.logs[0].arn, "${aws_s3_bucket.logs[0].arn}/*"], ["*"], { test = "Bool", values = ["false"], variable = "aws:SecureTransport" }]])
    error_message = "the access logs can be read without TLS, or nobody can read them"
  }
}

run "the_local_aws_has_no_tls" {
  command = plan

  variables {
    access_logs_days = 30
    require_tls      = false
  }

  assert {
    condition     = alltrue([for statement in data.aws_iam_policy_document.logs[0].statement : statement.effect != "Deny"])
    error_message = "the local AWS is locked out"
  }
}

run "only_the_load_balancer_writes_access_logs" {
  command = plan

  variables {
    access_logs_days = 30
  }

  assert {
    condition     = length([for statement in data.aws_iam_policy_document.logs[0].statement : statement if statement.effect != "Deny"]) == 1 && one(data.aws_iam_policy_document.logs[0].statement[0].principals).type == "Service" && one(data.aws_iam_policy_document.logs[0].statement[0].principals).identifiers == toset(["logdelivery.elasticloadbalancing.amazonaws.com"]) && data.aws_iam_policy_document.logs[0].statement[0].actions == toset(["s3:PutObject"])
    error_message = "something else may use the bucket"
  }
}

run "a_function_gets_all_values_of_a_header" {
  command = plan

  assert {
    condition     = aws_lb_target_group.this["api"].lambda_multi_value_headers_enabled == true && aws_lb_target_group.this["app"].lambda_multi_value_headers_enabled == null
    error_message = "the function gets the last value only, or tasks have the attribute"
  }
}

run "a_function_may_get_the_last_value_only" {
  command = plan

  variables {
    targets = merge(var.targets, { api = { kind = "lambda", multi_value_headers = false } })
  }

  assert {
    condition     = aws_lb_target_group.this["api"].lambda_multi_value_headers_enabled == false
    error_message = "the function gets lists"
  }
}
