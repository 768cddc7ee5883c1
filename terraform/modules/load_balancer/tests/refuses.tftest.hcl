mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "a_name_that_leaves_no_room_for_target_groups_and_a_single_subnet_and_visitors_that_are_no_range_and_an_idle_timeout_of_nothing_and_half_a_day_of_access_logs_and_a_rate_limit_that_blocks_everybody" {
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

run "frames_from_anywhere_and_a_certificate_that_is_none_and_a_policy_that_speaks_old_tls" {
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

run "hsts_without_an_age_and_a_domain_that_nothing_can_vouch_for" {
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

run "a_certificate_of_another_region" {
  command = plan

  variables {
    certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
  }

  expect_failures = [aws_lb_listener.site]
}

run "a_zone_without_a_name" {
  command = plan

  variables {
    zone_id = "Z1"
  }

  expect_failures = [var.domain]
}

run "a_target_key_too_long_for_a_name" {
  command = plan

  variables {
    targets = { app = { kind = "ip" }, backoffice = { kind = "ip" } }
    routes  = {}
  }

  expect_failures = [var.targets]
}

run "a_kind_of_target_that_is_none" {
  command = plan

  variables {
    targets = { app = { kind = "instance" } }
    routes  = {}
  }

  expect_failures = [var.targets]
}

run "health_checks_that_overlap" {
  command = plan

  variables {
    targets = { app = { kind = "ip", health_interval = 5, health_timeout = 5 } }
    routes  = {}
  }

  expect_failures = [var.targets]
}

run "a_target_that_is_healthy_after_one_check" {
  command = plan

  variables {
    targets = { app = { kind = "ip", healthy_after = 1 } }
    routes  = {}
  }

  expect_failures = [var.targets]
}

run "a_farewell_of_more_than_an_hour" {
  command = plan

  variables {
    targets = { app = { kind = "ip", deregistration_delay = 3601 } }
    routes  = {}
  }

  expect_failures = [var.targets]
}

run "stickiness_of_more_than_a_week" {
  command = plan

  variables {
    targets = { app = { kind = "ip", stickiness = 604801 } }
    routes  = {}
  }

  expect_failures = [var.targets]
}

run "a_default_target_that_is_none" {
  command = plan

  variables {
    default_target = "web"
  }

  expect_failures = [var.default_target]
}

run "a_path_without_a_slash" {
  command = plan

  variables {
    routes = { api = { priority = 100, paths = ["api/*"], targets = { api = 1 } } }
  }

  expect_failures = [var.routes]
}

run "more_paths_than_a_rule_holds" {
  command = plan

  variables {
    routes = { api = { priority = 100, paths = ["/a", "/b", "/c", "/d", "/e", "/f"], targets = { api = 1 } } }
  }

  expect_failures = [var.routes]
}

run "two_routes_with_the_same_priority" {
  command = plan

  variables {
    routes = { api = { priority = 100, paths = ["/api/*"], targets = { api = 1 } }, b = { priority = 100, paths = ["/b"], targets = { api = 1 } } }
  }

  expect_failures = [var.routes]
}

run "a_route_to_a_target_that_is_none" {
  command = plan

  variables {
    routes = { api = { priority = 100, paths = ["/api/*"], targets = { web = 1 } } }
  }

  expect_failures = [var.routes]
}

run "a_route_whose_weights_are_all_nothing" {
  command = plan

  variables {
    routes = { api = { priority = 100, paths = ["/api/*"], targets = { api = 0 } } }
  }

  expect_failures = [var.routes]
}

run "a_route_that_an_earlier_one_takes_whole" {
  command = plan

  variables {
    routes = { api = { priority = 100, paths = ["/api/*"], targets = { api = 1 } }, admin = { priority = 200, paths = ["/api/admin"], targets = { api = 1 } } }
  }

  expect_failures = [var.routes]
}
