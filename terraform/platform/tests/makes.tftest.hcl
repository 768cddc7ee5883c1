mock_provider "aws" {
  source          = "../mocks"
  override_during = plan
}

run "tasks_without_nat_have_public_addresses" {
  command = plan

  assert {
    condition     = output.service_assign_public_ip
    error_message = "tasks have no public IP address"
  }
}

run "a_browser_is_routed_to_the_same_task_for_ten_minutes" {
  command = plan

  assert {
    condition     = var.stickiness == 600 && module.load_balancer.target_stickiness["app"] == 600
    error_message = "the stickiness is not 600 seconds"
  }
}

run "tasks_behind_nat_are_private" {
  command = plan

  variables {
    nat = "single"
  }

  assert {
    condition     = !output.service_assign_public_ip
    error_message = "tasks have a public IP address"
  }
}

run "endpoints_make_tasks_private_too" {
  command = plan

  variables {
    endpoints = true
  }

  assert {
    condition     = !output.service_assign_public_ip
    error_message = "tasks have a public IP address"
  }
}

run "a_long_name_leaves_room_for_target_groups" {
  command = plan

  variables {
    name        = "a-name-of-twenty-chr"
    environment = "production"
  }

  assert {
    condition     = length(local.short_prefix) <= 18 && local.prefix == "a-name-of-twenty-chr-production"
    error_message = "the name is too long for target groups"
  }
}

run "another_registry_can_replace_ecr" {
  command = plan

  variables {
    registry_host = "127.0.0.1:5000"
  }

  assert {
    condition     = output.repository_urls["app"] == "127.0.0.1:5000/tandem/app"
    error_message = "the repository has another host"
  }
}

run "without_an_api_no_path_leads_elsewhere_than_to_the_app" {
  command = plan

  variables {
    api_enabled = false
    api_split   = { lambda = 50, fargate = 50 }
    api_shares  = { lambda = 100 }
  }

  assert {
    condition     = length(output.api_target_group_arns) == 0 && length(output.api_split) == 0 && length(output.api_shares) == 0 && output.api_target_group_arn == null
    error_message = "the API has a runtime"
  }

  assert {
    condition     = join(",", keys(output.target_group_arn_suffixes)) == "app"
    error_message = "the API has a target group"
  }
}

run "the_api_is_a_function_by_default" {
  command = plan

  assert {
    condition     = keys(output.api_target_group_arns) == ["lambda"] && output.api_runtime == "lambda"
    error_message = "the API has another runtime or target group"
  }
}

run "the_api_is_a_service_by_one_variable" {
  command = plan

  variables {
    api_runtime = "fargate"
  }

  assert {
    condition     = keys(output.api_target_group_arns) == ["fargate"]
    error_message = "the API has another target group than fargate"
  }
}

run "the_api_can_run_on_both_runtimes" {
  command = plan

  variables {
    api_split = { lambda = 90, fargate = 10 }
  }

  assert {
    condition     = keys(output.api_target_group_arns) == ["fargate", "lambda"]
    error_message = "a runtime has no target group"
  }
}

run "api_shares_hold_the_traffic_on_the_old_runtime" {
  command = plan

  variables {
    api_runtime = "fargate"
    api_shares  = { lambda = 100 }
  }

  assert {
    condition     = output.api_shares == tomap({ fargate = 0, lambda = 100 }) && output.api_split == tomap({ fargate = 100 })
    error_message = "the traffic is not held on lambda"
  }

  assert {
    condition     = keys(output.api_target_group_arns) == ["fargate", "lambda"]
    error_message = "a runtime has no target group"
  }
}

run "large_paths_of_the_api_go_to_tasks_before_the_rest_goes_to_both" {
  command = plan

  variables {
    api_split       = { lambda = 999, fargate = 1 }
    api_large_paths = ["/api/exports/*"]
  }

  assert {
    condition     = jsonencode(local.routes.api-large) == jsonencode({ priority = 90, paths = ["/api/exports/*"], targets = { api-task = 1 } })
    error_message = "the large paths do not go to tasks alone"
  }

  assert {
    condition     = local.routes.api.priority > 90 && jsonencode(local.routes.api.targets) == jsonencode({ api = 999, api-task = 1 })
    error_message = "the other paths are not split as before"
  }
}

run "large_paths_stay_with_the_function_until_tasks_serve" {
  command = plan

  variables {
    api_split       = { lambda = 999, fargate = 1 }
    api_shares      = { lambda = 100 }
    api_large_paths = ["/api/exports/*"]
  }

  assert {
    condition     = keys(local.routes) == ["api"]
    error_message = "a rule leads to tasks that do not serve"
  }
}

run "without_an_api_there_are_no_large_paths" {
  command = plan

  variables {
    api_enabled     = false
    api_split       = { lambda = 999, fargate = 1 }
    api_large_paths = ["/api/exports/*"]
  }

  assert {
    condition     = length(local.routes) == 0
    error_message = "a rule leads to an API that there is not"
  }
}

run "a_function_in_the_vpc_reaches_its_database" {
  command = plan

  variables {
    api_vpc  = true
    nat      = "single"
    database = { user_arn = "arn:aws:rds-db:eu-central-1:123456789012:dbuser:prx-1/app", security_group_id = "sg-9" }
  }

  assert {
    condition     = length(output.function_security_group_ids) == 1 && aws_vpc_security_group_ingress_rule.database[0].from_port == 5432
    error_message = "the function's security group or the database's ingress rule is missing"
  }
}

run "tasks_of_the_api_reach_the_database_without_api_vpc" {
  command = plan

  variables {
    api_runtime = "fargate"
    database    = { user_arn = "arn:aws:rds-db:eu-central-1:123456789012:dbuser:prx-1/app", security_group_id = "sg-9", port = 3306 }
  }

  assert {
    condition     = length(output.api_task_security_group_ids) == 2 && aws_vpc_security_group_egress_rule.database[0].from_port == 3306 && aws_vpc_security_group_egress_rule.database[0].referenced_security_group_id == "sg-9"
    error_message = "the tasks lack the group that may connect to the database"
  }
}

run "the_site_is_reached_through_cloudfront" {
  command = plan

  variables {
    cdn = {}
  }

  assert {
    condition     = output.url == "https://d1.cloudfront.net" && output.https
    error_message = "the URL is not CloudFront's or not HTTPS"
  }
}

run "repositories_are_named_after_the_project_and_may_be_shared" {
  command = plan

  assert {
    condition     = local.repositories["app"] == "tandem/app" && local.functions == "tandem-*-api"
    error_message = "the repositories or the functions that may pull from them have other names"
  }

  assert {
    condition     = !module.registry.force_delete
    error_message = "shared repositories are deleted with their images"
  }
}

run "repositories_of_one_environment_carry_its_name" {
  command = plan

  variables {
    repositories_per_environment = true
    deletion_protection          = false
  }

  assert {
    condition     = local.repositories["app"] == "tandem/dev/app" && local.functions == "tandem-dev-api"
    error_message = "the repositories or the function that may pull from them are not the environment's"
  }

  assert {
    condition     = module.registry.force_delete
    error_message = "an environment without deletion protection keeps its repositories"
  }
}

run "protected_repositories_of_one_environment_are_not_deleted_with_images" {
  command = plan

  variables {
    repositories_per_environment = true
    deletion_protection          = true
  }

  assert {
    condition     = !module.registry.force_delete
    error_message = "protected repositories are deleted with their images"
  }
}

run "shared_repositories_are_deleted_with_images_if_destroy_says_so" {
  command = plan

  variables {
    delete_images       = true
    deletion_protection = false
  }

  assert {
    condition     = module.registry.force_delete && output.deletion_protection == false
    error_message = "the repositories stay"
  }
}

run "protected_repositories_stay_whatever_destroy_says" {
  command = plan

  variables {
    delete_images       = true
    deletion_protection = true
  }

  assert {
    condition     = !module.registry.force_delete && output.deletion_protection
    error_message = "protected repositories are deleted with their images"
  }
}

run "one_key_encrypts_the_records_too" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  }

  assert {
    condition     = module.records.kms_key_arn == "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    error_message = "the records have another key"
  }
}

run "the_waf_sees_visitors_behind_cloudfront" {
  command = plan

  variables {
    cdn = {}
    waf = {}
  }

  assert {
    condition     = local.waf.behind_proxy && local.waf.managed_rules == "count"
    error_message = "the rate limit is CloudFront's, or the managed rules block from the first day"
  }
}

run "the_waf_sees_visitors_at_the_load_balancer" {
  command = plan

  variables {
    waf = {}
  }

  assert {
    condition     = !local.waf.behind_proxy
    error_message = "the rate limit believes X-Forwarded-For of any visitor"
  }
}

run "a_domain_names_cloudfront_over_ipv6_too" {
  command = plan

  variables {
    cdn     = { certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555" }
    domain  = "www.example.org"
    zone_id = "Z1"
  }

  assert {
    condition     = aws_route53_record.cdn[0].type == "A" && aws_route53_record.cdn_ipv6[0].type == "AAAA" && aws_route53_record.cdn_ipv6[0].name == "www.example.org" && one(aws_route53_record.cdn_ipv6[0].alias).name == one(aws_route53_record.cdn[0].alias).name
    error_message = "the domain has no address over IPv6"
  }
}

run "tags_are_passed_to_both_roots" {
  command = plan

  variables {
    tags = { CostCenter = "42" }
  }

  assert {
    condition     = output.tags == { CostCenter = "42", Project = "tandem", Environment = "dev" }
    error_message = "a tag is missing"
  }
}

run "only_some_addresses_may_reach_the_site" {
  command = plan

  variables {
    ingress_cidrs = ["203.0.113.0/24"]
  }

  assert {
    condition     = module.load_balancer.ingress == { "HTTP from 203.0.113.0/24" = 80 }
    error_message = "other addresses may reach the site"
  }
}

run "an_internal_load_balancer_is_in_the_private_subnets" {
  command = plan

  variables {
    internal = true
  }

  assert {
    condition     = module.load_balancer.is_internal && local.is_internal
    error_message = "the load balancer has a public address"
  }
}

run "more_services_have_target_groups_for_their_routes" {
  command = plan

  variables {
    services = { shop = { port = 9000, health_path = "/up" } }
    routes   = { shop = { priority = 20, paths = ["/shop/*"], targets = { shop = 1 } } }
  }

  assert {
    condition     = keys(output.service_target_group_arns) == ["shop"]
    error_message = "the service has no target group"
  }
}

run "the_api_is_told_where_the_releases_are_only_if_it_may_read_them" {
  command = plan

  assert {
    condition     = length(output.api_environment) == 0
    error_message = "the API is told of releases that it may not read"
  }
}

run "the_api_may_read_the_releases" {
  command = plan

  variables {
    api_reads_releases = true
  }

  assert {
    condition     = output.api_environment == tomap({ TANDEM_RELEASES = "s3://${output.releases_bucket}/${var.environment}/", TANDEM_RECORDS = output.records_table, TANDEM_LOAD_BALANCER = output.load_balancer_arn, TANDEM_FUNCTION = output.function_name })
    error_message = "the API is told of another place"
  }
}
