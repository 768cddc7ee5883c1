"""From planned resources to lines of an estimate: pure, so that every price can be checked by hand."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.cost.prices import HOURS, PRICES, SECONDS, Prices
from pipeline.cost.usage import Usage

_MIB = 1024
_KIB = 1024**2
_LCU_BYTES_HOUR = 1024**3
_LCU_CONNECTIONS_SECOND = 25


@dataclass(frozen=True)
class Planned:
    """One resource as Terraform plans it."""

    type: str
    address: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """One thing that costs: US dollars in a month, and how they come about."""

    what: str
    dollars: float
    how: str


@dataclass(frozen=True)
class Size:
    """CPU, memory and disk of one task."""

    vcpu: float
    gib: float
    disk_gib: float
    arm: bool

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Size":
        """From a planned task definition."""
        disk = (values.get("ephemeral_storage") or [{}])[0].get("size_in_gib") or 20
        platform = (values.get("runtime_platform") or [{}])[0].get("cpu_architecture", "X86_64")
        cpu, memory = float(values["cpu"]) / _MIB, float(values["memory"]) / _MIB
        return cls(cpu, memory, float(disk), platform == "ARM64")

    def month(self, prices: Prices = PRICES) -> float:
        """What it costs to run one of it for a month."""
        vcpu = prices.fargate_arm_vcpu_hour if self.arm else prices.fargate_vcpu_hour
        gib = prices.fargate_arm_gib_hour if self.arm else prices.fargate_gib_hour
        disk = max(0.0, self.disk_gib - prices.fargate_storage_free_gib) * prices.fargate_storage_gib_hour
        return HOURS * (self.vcpu * vcpu + self.gib * gib + disk)


def estimate(resources: Iterable[Planned], usage: Usage, prices: Prices = PRICES) -> list[Line]:
    """All that costs a noticeable amount, the dearest first."""
    by_type: dict[str, list[Planned]] = {}
    for resource in resources:
        by_type.setdefault(resource.type, []).append(resource)
    lines = [line for rule in _RULES for line in rule(by_type, usage, prices)]
    return sorted((line for line in lines if line.dollars > 0), key=lambda line: -line.dollars)


ByType = Mapping[str, list[Planned]]


def _tasks(by_type: ByType, _: Usage, prices: Prices) -> list[Line]:
    sizes = {
        _module(task): Size.of(task.values)
        for task in by_type.get("aws_ecs_task_definition", [])
        if task.values.get("cpu")
    }
    lines = []
    for service in by_type.get("aws_ecs_service", []):
        size, count = sizes.get(_module(service)), float(service.values.get("desired_count") or 0)
        if size is None:
            continue
        spot = _spot(service.values)
        share = 1 - spot * (1 - prices.spot_share_of_price)
        words = f"{count:g} x {size.vcpu:g} vCPU, {size.gib:g} GiB" + (f", {spot:.0%} Spot" if spot else "")
        lines.append(
            Line(f"Fargate: {service.values.get('name')}", count * size.month(prices) * share, words)
        )
        if (service.values.get("network_configuration") or [{}])[0].get("assign_public_ip"):
            lines.append(Line("Public addresses of tasks", count * HOURS * prices.address_hour, f"{count:g}"))
    return lines


def _spot(values: Mapping[str, Any]) -> float:
    weights = {
        item["capacity_provider"]: item.get("weight") or 0
        for item in values.get("capacity_provider_strategy") or []
    }
    return float(weights.get("FARGATE_SPOT", 0) / (sum(weights.values()) or 1))


def _module(resource: Planned) -> str:
    """The module that it is in, which pairs a service with its task definition."""
    return resource.address.rsplit(".", 2)[0]


def _function(by_type: ByType, usage: Usage, prices: Prices) -> list[Line]:
    lines = []
    for function in by_type.get("aws_lambda_function", []):
        month = lambda_month(function.values, usage, prices)
        words = f"{usage.api_requests_per_second:g} requests/s of {usage.api_milliseconds:g} ms"
        lines.append(Line(f"Lambda: {function.values.get('function_name')}", month, words))
        for held in by_type.get("aws_lambda_provisioned_concurrency_config", []):
            count = held.values["provisioned_concurrent_executions"]
            gib = float(function.values["memory_size"]) / _MIB
            dollars = count * gib * SECONDS * prices.lambda_provisioned_gib_second
            lines.append(Line("Lambda: provisioned", dollars, f"{count} instances"))
    return lines


def lambda_month(values: Mapping[str, Any], usage: Usage, prices: Prices = PRICES) -> float:
    """What the function costs in a month at this usage."""
    arm = "arm64" in (values.get("architectures") or [])
    gib_second = prices.lambda_arm_gib_second if arm else prices.lambda_gib_second
    gib = float(values["memory_size"]) / _MIB
    each = prices.lambda_request + gib * usage.api_milliseconds / 1000 * gib_second
    return usage.api_requests_per_second * SECONDS * each


def _balancer(by_type: ByType, usage: Usage, prices: Prices) -> list[Line]:
    count = len(by_type.get("aws_lb", []))
    rate = usage.api_requests_per_second + usage.site_requests_per_second
    bytes_hour = rate * usage.kilobytes_per_request * 1024 * 3600
    units = max(bytes_hour / _LCU_BYTES_HOUR, rate / _LCU_CONNECTIONS_SECOND)
    dollars = count * HOURS * (prices.balancer_hour + units * prices.balancer_lcu_hour)
    # A load balancer has an address in each of its zones.
    zones = sum(
        len(balancer.values.get("subnets") or [0, 0])
        for balancer in by_type.get("aws_lb", [])
        if not balancer.values.get("internal")
    )
    return [
        Line("Load balancer", dollars, f"{units:.2f} capacity units"),
        Line("Addresses of the load balancer", zones * HOURS * prices.address_hour, f"{zones}"),
    ]


def _network(by_type: ByType, usage: Usage, prices: Prices) -> list[Line]:
    nats = len(by_type.get("aws_nat_gateway", []))
    endpoints = [
        item
        for item in by_type.get("aws_vpc_endpoint", [])
        if item.values.get("vpc_endpoint_type") == "Interface"
    ]
    zones = len(by_type.get("aws_subnet", [])) // 2 or 2
    return [
        Line(
            "NAT gateways",
            nats * HOURS * (prices.nat_hour + prices.address_hour)
            + (usage.nat_gib * prices.nat_gib if nats else 0),
            f"{nats}, {usage.nat_gib:g} GiB",
        ),
        Line(
            "Endpoints",
            len(endpoints) * zones * HOURS * prices.endpoint_hour,
            f"{len(endpoints)} in {zones} zones",
        ),
    ]


def _rest(by_type: ByType, usage: Usage, prices: Prices) -> list[Line]:
    metrics = sum(
        max(1, sum(1 for query in alarm.values.get("metric_query") or [] if query.get("metric")))
        for alarm in by_type.get("aws_cloudwatch_metric_alarm", [])
    )
    firewalls = by_type.get("aws_wafv2_web_acl", [])
    rules = sum(len(item.values.get("rule") or []) for item in firewalls)
    rate = usage.api_requests_per_second + usage.site_requests_per_second
    waf = len(firewalls) * (prices.firewall_month + rate * SECONDS * prices.firewall_request)
    dashboards = len(by_type.get("aws_cloudwatch_dashboard", []))
    images = usage.image_gib if by_type.get("aws_ecr_repository") else 0
    logs = usage.log_gib if by_type.get("aws_cloudwatch_log_group") else 0
    return [
        Line("Alarms", metrics * prices.alarm_metric_month, f"{metrics} metrics"),
        Line("Dashboard", dashboards * prices.dashboard_month, f"{dashboards}"),
        Line("WAF", waf + rules * prices.firewall_rule_month, f"{rules} rules"),
        Line("ECR", images * prices.registry_gib_month, f"{images:g} GiB"),
        Line("Logs", logs * prices.logs_gib, f"{logs:g} GiB"),
    ]


Rule = Callable[[ByType, Usage, Prices], list[Line]]
_RULES: tuple[Rule, ...] = (_tasks, _function, _balancer, _network, _rest)
