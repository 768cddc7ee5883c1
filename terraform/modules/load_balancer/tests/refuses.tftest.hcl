mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "long_names_single_subnets_invalid_ranges_and_values_out_of_bounds_are_refused" {
  command = plan

  variables {
    name             = "a-name-of-nineteen-c"
    subnet_ids       = ["subnet-1"]
    ingress_cidrs    = ["everyone"]
    idle_timeout     = 0
    access_logs_days = 0.5
    waf              = { rate_limit = 5 }
  }

  expect_failures = [
    var.name,
    var.subnet_ids,
    var.ingress_cidrs,
    var.idle_timeout,
    var.access_logs_days,
    var.waf,
  ]
}

run "invalid_frame_options_certificates_and_old_tls_policies_are_refused" {
  command = plan

  variables {
    headers         = { x_frame_options = "ALLOWALL" }
    certificate_arn = "my-certificate"
    ssl_policy      = "ELBSecurityPolicy-2016-08"
  }

  expect_failures = [
    var.headers,
    var.certificate_arn,
    var.ssl_policy,
  ]
}

run "hsts_without_max_age_and_domains_without_certificate_are_refused" {
  command = plan

  variables {
    headers = { strict_transport_security = "always" }
    domain  = "www.example.org"
  }

  expect_failures = [
    var.headers,
    var.domain,
  ]
}

run "certificates_of_another_region_are_refused" {
  command = plan

  variables {
    certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
  }

  expect_failures = [aws_lb_listener.site]
}

run "a_zone_without_a_domain_is_refused" {
  command = plan

  variables {
    zone_id = "Z1"
  }

  expect_failures = [var.domain]
}

run "target_keys_over_8_characters_are_refused" {
  command = plan

  variables {
    targets = { app = { kind = "ip" }, backoffice = { kind = "ip" } }
    routes  = {}
  }

  expect_failures = [var.targets]
}

run "more_ports_than_a_security_group_has_rules_are_refused" {
  command = plan

  variables {
    targets = merge({ app = { kind = "ip" }, api = { kind = "lambda" } }, { for port in range(1, 61) : "p${port}" => { kind = "ip", port = 9000 + port } })
  }

  expect_failures = [var.targets]
}

run "more_targets_than_a_load_balancer_takes_are_refused" {
  command = plan

  variables {
    targets = merge({ app = { kind = "ip" }, api = { kind = "lambda" } }, { for at in range(99) : "p${at}" => { kind = "ip", port = 9000 } })
  }

  expect_failures = [var.targets]
}

run "more_routes_than_a_load_balancer_has_rules_are_refused" {
  command = plan

  variables {
    routes = { for at in range(1, 102) : "r${at}" => { priority = at, paths = ["/r${at}/"], targets = { app = 1 } } }
  }

  expect_failures = [var.routes]
}

run "unknown_target_kinds_are_refused" {
  command = plan

  variables {
    targets = { app = { kind = "instance" } }
    routes  = {}
  }

  expect_failures = [var.targets]
}

run "health_checks_with_a_timeout_as_long_as_their_interval_are_refused" {
  command = plan

  variables {
    targets = { app = { kind = "ip", health_interval = 5, health_timeout = 5 } }
    routes  = {}
  }

  expect_failures = [var.targets]
}

run "a_healthy_threshold_of_one_check_is_refused" {
  command = plan

  variables {
    targets = { app = { kind = "ip", healthy_after = 1 } }
    routes  = {}
  }

  expect_failures = [var.targets]
}

run "a_deregistration_delay_over_one_hour_is_refused" {
  command = plan

  variables {
    targets = { app = { kind = "ip", deregistration_delay = 3601 } }
    routes  = {}
  }

  expect_failures = [var.targets]
}

run "stickiness_over_one_week_is_refused" {
  command = plan

  variables {
    targets = { app = { kind = "ip", stickiness = 604801 } }
    routes  = {}
  }

  expect_failures = [var.targets]
}

run "an_unknown_default_target_is_refused" {
  command = plan

  variables {
    default_target = "web"
  }

  expect_failures = [var.default_target]
}

run "paths_without_a_leading_slash_are_refused" {
  command = plan

  variables {
    routes = { api = { priority = 100, paths = ["api/*"], targets = { api = 1 } } }
  }

  expect_failures = [var.routes]
}

run "more_than_five_paths_in_a_route_are_refused" {
  command = plan

  variables {
    routes = { api = { priority = 100, paths = ["/a", "/b", "/c", "/d", "/e", "/f"], targets = { api = 1 } } }
  }

  expect_failures = [var.routes]
}

run "two_routes_with_the_same_priority_are_refused" {
  command = plan

  variables {
    routes = { api = { priority = 100, paths = ["/api/*"], targets = { api = 1 } }, b = { priority = 100, paths = ["/b"], targets = { api = 1 } } }
  }

  expect_failures = [var.routes]
}

run "routes_to_unknown_targets_are_refused" {
  command = plan

  variables {
    routes = { api = { priority = 100, paths = ["/api/*"], targets = { web = 1 } } }
  }

  expect_failures = [var.routes]
}

run "routes_whose_weights_are_all_zero_are_refused" {
  command = plan

  variables {
    routes = { api = { priority = 100, paths = ["/api/*"], targets = { api = 0 } } }
  }

  expect_failures = [var.routes]
}

run "routes_that_an_earlier_route_covers_are_refused" {
  command = plan

  variables {
    routes = { api = { priority = 100, paths = ["/api/*"], targets = { api = 1 } }, admin = { priority = 200, paths = ["/api/admin"], targets = { api = 1 } } }
  }

  expect_failures = [var.routes]
}

run "unknown_modes_of_managed_rules_are_refused" {
  command = plan

  variables {
    waf = { managed_rules = "log" }
  }

  expect_failures = [var.waf]
}

run "counted_rules_of_unknown_groups_are_refused" {
  command = plan

  variables {
    waf = { counted_rules = { CommonRuleSet = ["SizeRestrictions_BODY"] } }
  }

  expect_failures = [var.waf]
}

run "a_retention_of_the_wafs_logs_that_cloudwatch_lacks_is_refused" {
  command = plan

  variables {
    waf = { retention_days = 31 }
  }

  expect_failures = [var.waf]
}

run "a_name_that_ends_with_a_hyphen_is_refused" {
  command = plan

  variables {
    name = "tandem-dev-"
  }

  expect_failures = [var.name]
}

run "a_name_that_elb_keeps_for_itself_is_refused" {
  command = plan

  variables {
    name = "internal-dev"
  }

  expect_failures = [var.name]
}

run "more_ranges_than_a_security_group_has_rules_are_refused" {
  command = plan

  variables {
    ingress_cidrs = [for at in range(61) : "203.0.113.${at}/32"]
  }

  expect_failures = [aws_security_group.balancer]
}

run "ranges_count_twice_with_https" {
  command = plan

  variables {
    certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
    ingress_cidrs   = [for at in range(31) : "203.0.113.${at}/32"]
  }

  expect_failures = [aws_security_group.balancer]
}

run "ranges_beside_cloudfronts_list_have_five_rules_left" {
  command = plan

  variables {
    ingress_cidrs           = [for at in range(6) : "203.0.113.${at}/32"]
    ingress_prefix_list_ids = { CloudFront = "pl-0123456789abcdef0" }
  }

  expect_failures = [aws_security_group.balancer]
}

run "paths_that_no_listener_rule_takes_are_refused" {
  command = plan

  variables {
    routes = { long = { priority = 1, paths = ["/${join("", [for at in range(128) : "a"])}"], targets = { app = 1 } } }
  }

  expect_failures = [var.routes]
}
