"""Each line of the estimate equals a result computed by hand."""

from pipeline.cli.commands.cost import table
from pipeline.terraform.cost.estimate import CostLine, PlannedResource, estimate
from pipeline.terraform.cost.usage import Usage

FUNCTION = PlannedResource("aws_lambda_function", "a.b", {"function_name": "api", "memory_size": 1024})
QUIET = Usage(api_requests_per_second=0, site_requests_per_second=0)


def lines(*resources: PlannedResource, usage: Usage = QUIET) -> dict[str, float]:
    return {line.what: round(line.dollars, 2) for line in estimate(resources, usage)}


def task(**more: object) -> PlannedResource:
    values = {"cpu": "256", "memory": "512", **more}
    return PlannedResource("aws_ecs_task_definition", "module.service.aws_ecs_task_definition.this", values)


def service(**more: object) -> PlannedResource:
    values = {"name": "app", "desired_count": 2, **more}
    return PlannedResource("aws_ecs_service", "module.service.aws_ecs_service.fixed[0]", values)


def test_two_small_tasks() -> None:
    # 2 x 730 h x (0.25 x 0.04656 + 0.5 x 0.00511)
    assert lines(task(), service()) == {"Fargate: app": 20.72}


def test_arm_is_cheaper() -> None:
    arm = task(runtime_platform=[{"cpu_architecture": "ARM64"}])
    assert lines(arm, service()) == {"Fargate: app": 16.58}


def test_spot_takes_its_share_off() -> None:
    strategy = [
        {"capacity_provider": "FARGATE", "weight": 50},
        {"capacity_provider": "FARGATE_SPOT", "weight": 50},
    ]
    assert lines(task(), service(capacity_provider_strategy=strategy)) == {"Fargate: app": 13.47}


def test_a_larger_disk_costs_beyond_twenty_gib() -> None:
    assert lines(task(ephemeral_storage=[{"size_in_gib": 30}]), service())["Fargate: app"] == 22.65


def test_tasks_with_public_addresses_pay_for_them() -> None:
    costs = lines(task(), service(network_configuration=[{"assign_public_ip": True}]))
    assert costs["Public addresses of tasks"] == 7.3


def test_each_service_has_its_own_tasks() -> None:
    large = PlannedResource(
        "aws_ecs_task_definition",
        "module.api_task[0].aws_ecs_task_definition.this",
        {"cpu": 1024, "memory": 2048},
    )
    other = PlannedResource(
        "aws_ecs_service", "module.api_task[0].aws_ecs_service.fixed[0]", {"name": "api", "desired_count": 1}
    )
    assert lines(task(), service(), large, other) == {"Fargate: app": 20.72, "Fargate: api": 41.45}


def test_a_function_costs_by_use() -> None:
    usage = Usage(api_requests_per_second=10, api_milliseconds=100)
    # 26.28 million requests: 5.26 for them, 2.628 million GiB-seconds: 43.80
    assert lines(FUNCTION, usage=usage)["Lambda: api"] == 49.06


def test_nat_and_endpoints_cost_by_the_hour() -> None:
    nats = [PlannedResource("aws_nat_gateway", f"a.b[{zone}]", {}) for zone in range(3)]
    subnets = [PlannedResource("aws_subnet", f"a.c[{number}]", {}) for number in range(6)]
    endpoint = PlannedResource("aws_vpc_endpoint", "a.d", {"vpc_endpoint_type": "Interface"})
    gateway = PlannedResource("aws_vpc_endpoint", "a.e", {"vpc_endpoint_type": "Gateway"})
    costs = lines(*nats, *subnets, endpoint, gateway)
    assert costs == {"NAT gateways": 125.87, "Endpoints": 26.28}


def test_an_alarm_costs_by_its_metrics() -> None:
    share = {"metric_query": [{"metric": []}, {"metric": [{}]}, {"metric": [{}]}]}
    alarms = [
        PlannedResource("aws_cloudwatch_metric_alarm", "a.b", {}),
        PlannedResource("aws_cloudwatch_metric_alarm", "a.c", share),
    ]
    assert lines(*alarms) == {"Alarms": 0.3}


def _delivery(schedule: str | None, size: str = "BUILD_GENERAL1_MEDIUM") -> list[PlannedResource]:
    sources = {"action": [{"name": name} for name in ("app", "static", "project")]}
    rules = [
        PlannedResource(
            "aws_cloudwatch_event_rule",
            "module.delivery[0].aws_cloudwatch_event_rule.schedule[0]",
            {"schedule_expression": schedule},
        ),
        PlannedResource(
            "aws_cloudwatch_event_rule", "module.delivery[0].aws_cloudwatch_event_rule.failed", {}
        ),
        PlannedResource(
            "aws_cloudwatch_event_rule",
            "module.api[0].aws_cloudwatch_event_rule.ping[0]",
            {"schedule_expression": "rate(5 minutes)"},
        ),
    ]
    return [
        PlannedResource("aws_codepipeline", "module.delivery[0].a.b", {"stage": [sources, {"action": [{}]}]}),
        PlannedResource(
            "aws_codebuild_project", "module.delivery[0].a.c", {"environment": [{"compute_type": size}]}
        ),
        *rules,
    ]


def test_a_pipeline_costs_by_the_minutes_of_pushes_and_schedule() -> None:
    # 60 pushes of 5 minutes and 730 scheduled runs of one: 1,030 build minutes; 3 source actions a run
    costs = lines(*_delivery("rate(1 hour)"))
    assert costs == {"CodeBuild": 10.3, "CodePipeline": round((790 * 3 + 1030) * 0.002, 2)}


def test_a_pipelines_schedule_is_read_in_every_form() -> None:
    seen = {
        schedule: lines(*_delivery(schedule))["CodeBuild"]
        for schedule in (None, "rate(2 hours)", "rate(30 minutes)", "rate(1 day)", "cron(0 8 ? * MON-FRI *)")
    }
    assert seen == {
        None: 3.0,
        "rate(2 hours)": 6.65,
        "rate(30 minutes)": 17.6,
        "rate(1 day)": 3.3,
        "cron(0 8 ? * MON-FRI *)": 3.3,
    }


def test_a_build_costs_by_its_machine() -> None:
    seen = [
        lines(*_delivery(None, f"BUILD_GENERAL1_{size}"))["CodeBuild"] for size in ("SMALL", "LARGE", "NEW")
    ]
    assert seen == [1.5, 6.0, 3.0]


def test_a_database_proxy_costs_two_vcpus_at_least() -> None:
    assert lines(PlannedResource("aws_db_proxy", "module.database_proxy[0].a.b", {})) == {"RDS Proxy": 21.9}


def test_what_is_free_has_no_line() -> None:
    assert lines(PlannedResource("aws_iam_role", "a.b", {})) == {}


def test_provisioned_instances_cost_by_the_hour_and_serve_for_less() -> None:
    provisioned = PlannedResource(
        "aws_lambda_provisioned_concurrency_config", "a.c", {"provisioned_concurrent_executions": 2}
    )
    costs = lines(FUNCTION, provisioned, usage=Usage(api_requests_per_second=10, api_milliseconds=100))
    # 2 GiB for 2,628,000 s; then 5.26 for requests, 2.628 million GiB-seconds: 25.55
    assert costs == {"Lambda: provisioned": 21.9, "Lambda: api": 30.81}


def test_a_functions_bytes_cost_the_load_balancer_more() -> None:
    balancer = PlannedResource("aws_lb", "a.c", {"internal": True})
    usage = Usage(api_requests_per_second=100, api_kib=20, site_requests_per_second=0)
    units = 100 * 20 * 1024 * 3600 / 1024**3
    on_tasks, monthly_lambda_cost = lines(balancer, usage=usage), lines(balancer, FUNCTION, usage=usage)
    assert on_tasks["Load balancer"] == round(730 * (0.027 + units * 0.008), 2)
    assert monthly_lambda_cost["Load balancer"] == round(730 * (0.027 + units / 0.4 * 0.008), 2)


def test_a_load_balancer_has_an_address_in_each_zone() -> None:
    """Its subnets are not known before they are made."""
    subnets = [PlannedResource("aws_subnet", f"a.c[{number}]", {}) for number in range(6)]
    assert lines(PlannedResource("aws_lb", "a.b", {}), *subnets)["Addresses of the load balancer"] == 10.95


def test_container_insights_is_paid_by_the_metric() -> None:
    for value, dollars in (("enabled", {"Container Insights": 8.4}), ("disabled", {})):
        setting = [{"name": "containerInsights", "value": value}]
        cluster = PlannedResource("aws_ecs_cluster", "a.b", {"setting": setting})
        assert lines(cluster, service()) == dollars


def test_the_table_says_that_it_estimates() -> None:
    text = "\n".join(table([CostLine("Fargate: app", 20.5, "2 tasks")]))
    assert text.startswith("Estimated cost in US dollars a month")
    assert "20.50" in text
