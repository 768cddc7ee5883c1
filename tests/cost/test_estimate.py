"""Each line of the estimate can be worked out by hand."""

import pytest

from pipeline.cli_cost import table
from pipeline.cost import breakeven, planned
from pipeline.cost.estimate import Line, Planned, Size, estimate
from pipeline.cost.usage import Usage
from pipeline.settings import Settings

SMALL = Size(vcpu=0.25, gib=0.5, disk_gib=20, arm=False)
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
    function = Planned("aws_lambda_function", "a.b", {"function_name": "api", "memory_size": 1024})
    usage = Usage(api_requests_per_second=10, api_milliseconds=100)
    # 26.28 million requests: 5.26 for them, 2.628 million GiB-seconds: 43.80
    assert lines(function, usage=usage)["Lambda: api"] == 49.06


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


def test_above_the_break_even_fargate_is_cheaper() -> None:
    usage = Usage(api_milliseconds=50)
    even = breakeven.rate(SMALL, 2, 512, usage)
    function = Planned("aws_lambda_function", "a.b", {"function_name": "api", "memory_size": 512})
    at = lines(function, usage=Usage(api_requests_per_second=even, api_milliseconds=50))
    assert at["Lambda: api"] == pytest.approx(2 * SMALL.month(), abs=0.01)


def test_before_a_first_release_the_settings_speak() -> None:
    sources = {name: {"repository": name} for name in ("app", "static", "api")}
    found = planned.from_settings(Settings.model_validate({"sources": sources}))
    assert {"Fargate: tandem", "Lambda: tandem API", "Dashboard"} == set(lines(*found, usage=Usage()))


def test_the_table_says_that_it_estimates() -> None:
    text = "\n".join(table([Line("Fargate: app", 20.5, "2 tasks")], 12.34))
    assert text.startswith("Estimated cost in US dollars a month")
    assert "20.50" in text
    assert "above 12.3 requests per second" in text
