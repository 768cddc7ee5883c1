"""From planned resources to lines of an estimate: pure, so that every price can be checked by hand."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.terraform.cost.prices import HOURS, PRICES, SECONDS, Prices
from pipeline.terraform.cost.usage import Usage

_MIB = 1024
_LCU_BYTES_HOUR = 1024**3
_LCU_LAMBDA_BYTES_HOUR = 0.4 * 1024**3
_LCU_CONNECTIONS_SECOND = 25
# A public bill has 28 metrics for a cluster with one service; how they divide is our guess.
_INSIGHTS_CLUSTER, _INSIGHTS_SERVICE = 8, 20


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

    def month(self, prices: Prices = PRICES, spot: float = 0.0) -> float:
        """What it costs to run one of it for a month, a share of the time on Spot."""
        vcpu = prices.fargate_arm_vcpu_hour if self.arm else prices.fargate_vcpu_hour
        gib = prices.fargate_arm_gib_hour if self.arm else prices.fargate_gib_hour
        disk = max(0.0, self.disk_gib - prices.fargate_storage_free_gib) * prices.fargate_storage_gib_hour
        share = 1 - spot * (1 - prices.spot_share_of_price)
        return HOURS * (self.vcpu * vcpu + self.gib * gib + disk) * share


@dataclass(frozen=True)
class Function:
    """Memory in MiB of a function, and how many of it stay ready."""

    memory: int
    arm: bool
    ready: int = 0

    def idle_month(self, prices: Prices = PRICES) -> float:
        """What those that stay ready cost in a month."""
        gib_second = prices.lambda_arm_ready_gib_second if self.arm else prices.lambda_ready_gib_second
        return self.ready * self.memory / _MIB * SECONDS * gib_second

    def busy_month(self, usage: Usage, prices: Prices = PRICES) -> float:
        """What its requests cost in a month; those that stay ready serve them all, if there are any."""
        usual = prices.lambda_arm_gib_second if self.arm else prices.lambda_gib_second
        ready = prices.lambda_arm_on_ready_gib_second if self.arm else prices.lambda_on_ready_gib_second
        seconds = self.memory / _MIB * usage.api_milliseconds / 1000
        each = prices.lambda_request + seconds * (ready if self.ready else usual)
        return usage.api_requests_per_second * SECONDS * each


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
        words = f"{count:g} x {size.vcpu:g} vCPU, {size.gib:g} GiB" + (f", {spot:.0%} Spot" if spot else "")
        lines.append(Line(f"Fargate: {service.values.get('name')}", count * size.month(prices, spot), words))
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
    held = by_type.get("aws_lambda_provisioned_concurrency_config", [])
    ready = sum(int(item.values["provisioned_concurrent_executions"]) for item in held)
    for resource in by_type.get("aws_lambda_function", []):
        values = resource.values
        arm = "arm64" in (values.get("architectures") or [])
        function = Function(int(values["memory_size"]), arm, ready)
        words = f"{usage.api_requests_per_second:g} requests/s of {usage.api_milliseconds:g} ms"
        busy = function.busy_month(usage, prices)
        lines += [
            Line(f"Lambda: {values.get('function_name')}", busy, words),
            Line("Lambda: provisioned", function.idle_month(prices), f"{ready} instances"),
        ]
    return lines


def _units(by_type: ByType, usage: Usage) -> float:
    """Capacity units of the load balancer: what asks for most counts, and a function's bytes more."""
    api = usage.api_requests_per_second * usage.api_kib * 1024 * 3600
    site = usage.site_requests_per_second * usage.site_kib * 1024 * 3600
    api_unit = _LCU_LAMBDA_BYTES_HOUR if by_type.get("aws_lambda_function") else _LCU_BYTES_HOUR
    rate = usage.api_requests_per_second + usage.site_requests_per_second
    return max(api / api_unit + site / _LCU_BYTES_HOUR, rate / _LCU_CONNECTIONS_SECOND)


def _balancer(by_type: ByType, usage: Usage, prices: Prices) -> list[Line]:
    count = len(by_type.get("aws_lb", []))
    units = _units(by_type, usage)
    dollars = count * HOURS * (prices.balancer_hour + units * prices.balancer_lcu_hour)
    # A load balancer has an address in each of its zones.
    zones = sum(
        len(balancer.values.get("subnets") or []) or _zones(by_type)
        for balancer in by_type.get("aws_lb", [])
        if not balancer.values.get("internal")
    )
    return [
        Line("Load balancer", dollars, f"{units:.2f} capacity units"),
        Line("Addresses of the load balancer", zones * HOURS * prices.address_hour, f"{zones}"),
    ]


def _zones(by_type: ByType) -> int:
    """Each zone has a public and a private subnet; an existing network is taken for one of two zones."""
    return len(by_type.get("aws_subnet", [])) // 2 or 2


def _network(by_type: ByType, usage: Usage, prices: Prices) -> list[Line]:
    nats = len(by_type.get("aws_nat_gateway", []))
    endpoints = [
        item
        for item in by_type.get("aws_vpc_endpoint", [])
        if item.values.get("vpc_endpoint_type") == "Interface"
    ]
    zones = _zones(by_type)
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
        _insights(by_type, prices),
        Line("Alarms", metrics * prices.alarm_metric_month, f"{metrics} metrics"),
        Line("Dashboard", dashboards * prices.dashboard_month, f"{dashboards}"),
        Line("WAF", waf + rules * prices.firewall_rule_month, f"{rules} rules"),
        Line("ECR", images * prices.registry_gib_month, f"{images:g} GiB"),
        Line("Logs", logs * prices.logs_gib, f"{logs:g} GiB"),
    ]


def _insights(by_type: ByType, prices: Prices) -> Line:
    """Container Insights is paid by the metric."""
    on = any(
        setting.get("name") == "containerInsights" and setting.get("value") == "enabled"
        for cluster in by_type.get("aws_ecs_cluster", [])
        for setting in cluster.values.get("setting") or []
    )
    metrics = _INSIGHTS_CLUSTER + _INSIGHTS_SERVICE * len(by_type.get("aws_ecs_service", []))
    return Line("Container Insights", on * metrics * prices.metric_month, f"about {metrics} metrics")


Rule = Callable[[ByType, Usage, Prices], list[Line]]
_RULES: tuple[Rule, ...] = (_tasks, _function, _balancer, _network, _rest)
