"""Each line of the estimate can be worked out by hand."""

from pipeline.cli.commands.cost import table
from pipeline.terraform.cost.estimate import Line, Planned, estimate
from pipeline.terraform.cost.usage import Usage

FUNCTION = Planned("aws_lambda_function", "a.b", {"function_name": "api", "memory_size": 1024})
QUIET = Usage(api_requests_per_second=0, site_requests_per_second=0)


def lines(*resources: Planned, usage: Usage = QUIET) -> dict[str, float]:
    return {line.what: round(line.dollars, 2) for line in estimate(resources, usage)}


def task(**more: object) -> Planned:
    values = {"cpu": "256", "memory": "512", **more}
    return Planned("aws_ecs_task_definition", "module.service.aws_ecs_task_definition.this", values)


def service(**more: object) -> Planned:
    values = {"name": "app", "desired_count": 2, **more}
    return Planned("aws_ecs_service", "module.service.aws_ecs_service.fixed[0]", values)


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
    found = lines(task(), service(network_configuration=[{"assign_public_ip": True}]))
    assert found["Public addresses of tasks"] == 7.3


def test_each_service_has_its_own_tasks() -> None:
    large = Planned(
        "aws_ecs_task_definition",
        "module.api_task[0].aws_ecs_task_definition.this",
        {"cpu": 1024, "memory": 2048},
    )
    other = Planned(
        "aws_ecs_service", "module.api_task[0].aws_ecs_service.fixed[0]", {"name": "api", "desired_count": 1}
    )
    assert lines(task(), service(), large, other) == {"Fargate: app": 20.72, "Fargate: api": 41.45}


def test_a_function_costs_by_use() -> None:
    usage = Usage(api_requests_per_second=10, api_milliseconds=100)
    # 26.28 million requests: 5.26 for them, 2.628 million GiB-seconds: 43.80
    assert lines(FUNCTION, usage=usage)["Lambda: api"] == 49.06


def test_nat_and_endpoints_cost_by_the_hour() -> None:
    nats = [Planned("aws_nat_gateway", f"a.b[{zone}]", {}) for zone in range(3)]
    subnets = [Planned("aws_subnet", f"a.c[{number}]", {}) for number in range(6)]
    endpoint = Planned("aws_vpc_endpoint", "a.d", {"vpc_endpoint_type": "Interface"})
    gateway = Planned("aws_vpc_endpoint", "a.e", {"vpc_endpoint_type": "Gateway"})
    found = lines(*nats, *subnets, endpoint, gateway)
    assert found == {"NAT gateways": 125.87, "Endpoints": 26.28}


def test_an_alarm_costs_by_its_metrics() -> None:
    share = {"metric_query": [{"metric": []}, {"metric": [{}]}, {"metric": [{}]}]}
    alarms = [
        Planned("aws_cloudwatch_metric_alarm", "a.b", {}),
        Planned("aws_cloudwatch_metric_alarm", "a.c", share),
    ]
    assert lines(*alarms) == {"Alarms": 0.3}


def test_what_is_free_has_no_line() -> None:
    assert lines(Planned("aws_iam_role", "a.b", {})) == {}


def test_ready_instances_cost_by_the_hour_and_serve_for_less() -> None:
    held = Planned(
        "aws_lambda_provisioned_concurrency_config", "a.c", {"provisioned_concurrent_executions": 2}
    )
    found = lines(FUNCTION, held, usage=Usage(api_requests_per_second=10, api_milliseconds=100))
    # 2 GiB for 2,628,000 s; then 5.26 for requests, 2.628 million GiB-seconds: 25.55
    assert found == {"Lambda: provisioned": 21.9, "Lambda: api": 30.81}


def test_a_functions_bytes_cost_the_load_balancer_more() -> None:
    balancer = Planned("aws_lb", "a.c", {"internal": True})
    usage = Usage(api_requests_per_second=100, api_kib=20, site_requests_per_second=0)
    units = 100 * 20 * 1024 * 3600 / 1024**3
    on_tasks, on_lambda = lines(balancer, usage=usage), lines(balancer, FUNCTION, usage=usage)
    assert on_tasks["Load balancer"] == round(730 * (0.027 + units * 0.008), 2)
    assert on_lambda["Load balancer"] == round(730 * (0.027 + units / 0.4 * 0.008), 2)


def test_a_load_balancer_has_an_address_in_each_zone() -> None:
    """Its subnets are not known before they are made."""
    subnets = [Planned("aws_subnet", f"a.c[{number}]", {}) for number in range(6)]
    assert lines(Planned("aws_lb", "a.b", {}), *subnets)["Addresses of the load balancer"] == 10.95


def test_container_insights_is_paid_by_the_metric() -> None:
    for value, dollars in (("enabled", {"Container Insights": 8.4}), ("disabled", {})):
        setting = [{"name": "containerInsights", "value": value}]
        cluster = Planned("aws_ecs_cluster", "a.b", {"setting": setting})
        assert lines(cluster, service()) == dollars


def test_the_table_says_that_it_estimates() -> None:
    text = "\n".join(table([Line("Fargate: app", 20.5, "2 tasks")]))
    assert text.startswith("Estimated cost in US dollars a month")
    assert "20.50" in text
