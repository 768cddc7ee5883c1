"""Turn planned resources into cost lines; pure, so that each line can be checked by hand."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.terraform.cost.cost_line import ByType, CostLine, PlannedResource
from pipeline.terraform.cost.managed import database_proxy, delivery
from pipeline.terraform.cost.prices import HOURS, PRICES, SECONDS, Prices
from pipeline.terraform.cost.usage import Usage

__all__ = ["CostLine", "FunctionSize", "PlannedResource", "TaskSize", "estimate"]

_MIB = 1024
_LCU_BYTES_HOUR = 1024**3
_LCU_LAMBDA_BYTES_HOUR = 0.4 * 1024**3
_LCU_CONNECTIONS_SECOND = 25
# A public bill has 28 metrics for a cluster with one service; the split between both is a guess.
_INSIGHTS_CLUSTER, _INSIGHTS_SERVICE = 8, 20


@dataclass(frozen=True)
class TaskSize:
    """CPU, memory and disk of one task."""

    vcpu: float
    gib: float
    disk_gib: float
    arm: bool

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "TaskSize":
        """The size that a planned task definition has."""
        disk = (values.get("ephemeral_storage") or [{}])[0].get("size_in_gib") or 20
        platform = (values.get("runtime_platform") or [{}])[0].get("cpu_architecture", "X86_64")
        cpu, memory = float(values["cpu"]) / _MIB, float(values["memory"]) / _MIB
        return cls(cpu, memory, float(disk), platform == "ARM64")

    def monthly_cost(self, prices: Prices = PRICES, spot: float = 0.0) -> float:
        """US dollars a month of one task; `spot` is the share of the time that it runs on Spot, 0 to 1."""
        vcpu = prices.fargate_arm_vcpu_hour if self.arm else prices.fargate_vcpu_hour
        gib = prices.fargate_arm_gib_hour if self.arm else prices.fargate_gib_hour
        disk = max(0.0, self.disk_gib - prices.fargate_storage_free_gib) * prices.fargate_storage_gib_hour
        share = 1 - spot * (1 - prices.spot_share_of_price)
        return HOURS * (self.vcpu * vcpu + self.gib * gib + disk) * share


@dataclass(frozen=True)
class FunctionSize:
    """The memory of a function in MiB, and the number of its provisioned instances."""

    memory: int
    arm: bool
    ready: int = 0

    def monthly_idle_cost(self, prices: Prices = PRICES) -> float:
        """US dollars a month of the provisioned instances, without requests."""
        gib_second = prices.lambda_arm_ready_gib_second if self.arm else prices.lambda_ready_gib_second
        return self.ready * self.memory / _MIB * SECONDS * gib_second

    def monthly_request_cost(self, usage: Usage, prices: Prices = PRICES) -> float:
        """US dollars a month of the requests; provisioned instances serve all of them, if there are any."""
        on_demand = prices.lambda_arm_gib_second if self.arm else prices.lambda_gib_second
        on_provisioned = (
            prices.lambda_arm_on_ready_gib_second if self.arm else prices.lambda_on_ready_gib_second
        )
        gib_seconds = self.memory / _MIB * usage.api_milliseconds / 1000
        request = prices.lambda_request + gib_seconds * (on_provisioned if self.ready else on_demand)
        return usage.api_requests_per_second * SECONDS * request


def estimate(resources: Iterable[PlannedResource], usage: Usage, prices: Prices = PRICES) -> list[CostLine]:
    """The lines that cost something, most expensive first."""
    by_type: dict[str, list[PlannedResource]] = {}
    for resource in resources:
        by_type.setdefault(resource.type, []).append(resource)
    lines = [line for rule in _RULES for line in rule(by_type, usage, prices)]
    return sorted((line for line in lines if line.dollars > 0), key=lambda line: -line.dollars)


def _tasks(by_type: ByType, _: Usage, prices: Prices) -> list[CostLine]:
    sizes = {
        _module(task): TaskSize.of(task.values)
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
        lines.append(
            CostLine(f"Fargate: {service.values.get('name')}", count * size.monthly_cost(prices, spot), words)
        )
        if (service.values.get("network_configuration") or [{}])[0].get("assign_public_ip"):
            lines.append(
                CostLine("Public addresses of tasks", count * HOURS * prices.address_hour, f"{count:g}")
            )
    return lines


def _spot(values: Mapping[str, Any]) -> float:
    weights = {
        item["capacity_provider"]: item.get("weight") or 0
        for item in values.get("capacity_provider_strategy") or []
    }
    return float(weights.get("FARGATE_SPOT", 0) / (sum(weights.values()) or 1))


def _module(resource: PlannedResource) -> str:
    """The module of the resource, which pairs a service with its task definition."""
    return resource.address.rsplit(".", 2)[0]


def _functions(by_type: ByType, usage: Usage, prices: Prices) -> list[CostLine]:
    lines = []
    provisioned = by_type.get("aws_lambda_provisioned_concurrency_config", [])
    ready = sum(int(item.values["provisioned_concurrent_executions"]) for item in provisioned)
    for resource in by_type.get("aws_lambda_function", []):
        values = resource.values
        arm = "arm64" in (values.get("architectures") or [])
        function = FunctionSize(int(values["memory_size"]), arm, ready)
        words = f"{usage.api_requests_per_second:g} requests/s of {usage.api_milliseconds:g} ms"
        busy = function.monthly_request_cost(usage, prices)
        lines += [
            CostLine(f"Lambda: {values.get('function_name')}", busy, words),
            CostLine("Lambda: provisioned", function.monthly_idle_cost(prices), f"{ready} instances"),
        ]
    return lines


def _capacity_units(by_type: ByType, usage: Usage) -> float:
    """The load balancer's capacity units: its busiest dimension counts; bytes of a function count more."""
    api = usage.api_requests_per_second * usage.api_kib * 1024 * 3600
    site = usage.site_requests_per_second * usage.site_kib * 1024 * 3600
    api_unit = _LCU_LAMBDA_BYTES_HOUR if by_type.get("aws_lambda_function") else _LCU_BYTES_HOUR
    rate = usage.api_requests_per_second + usage.site_requests_per_second
    return max(api / api_unit + site / _LCU_BYTES_HOUR, rate / _LCU_CONNECTIONS_SECOND)


def _load_balancer(by_type: ByType, usage: Usage, prices: Prices) -> list[CostLine]:
    count = len(by_type.get("aws_lb", []))
    units = _capacity_units(by_type, usage)
    dollars = count * HOURS * (prices.load_balancer_hour + units * prices.load_balancer_lcu_hour)
    # A load balancer has an address in each of its zones.
    zones = sum(
        len(balancer.values.get("subnets") or []) or _zones(by_type)
        for balancer in by_type.get("aws_lb", [])
        if not balancer.values.get("internal")
    )
    return [
        CostLine("Load balancer", dollars, f"{units:.2f} capacity units"),
        CostLine("Addresses of the load balancer", zones * HOURS * prices.address_hour, f"{zones}"),
    ]


def _zones(by_type: ByType) -> int:
    """Each zone has a public and a private subnet; an existing network counts as two zones."""
    return len(by_type.get("aws_subnet", [])) // 2 or 2


def _network(by_type: ByType, usage: Usage, prices: Prices) -> list[CostLine]:
    nats = len(by_type.get("aws_nat_gateway", []))
    endpoints = [
        item
        for item in by_type.get("aws_vpc_endpoint", [])
        if item.values.get("vpc_endpoint_type") == "Interface"
    ]
    zones = _zones(by_type)
    return [
        CostLine(
            "NAT gateways",
            nats * HOURS * (prices.nat_hour + prices.address_hour)
            + (usage.nat_gib * prices.nat_gib if nats else 0),
            f"{nats}, {usage.nat_gib:g} GiB",
        ),
        CostLine(
            "Endpoints",
            len(endpoints) * zones * HOURS * prices.endpoint_hour,
            f"{len(endpoints)} in {zones} zones",
        ),
    ]


def _monitoring_and_storage(by_type: ByType, usage: Usage, prices: Prices) -> list[CostLine]:
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
        CostLine("Alarms", metrics * prices.alarm_metric_month, f"{metrics} metrics"),
        CostLine("Dashboard", dashboards * prices.dashboard_month, f"{dashboards}"),
        CostLine("WAF", waf + rules * prices.firewall_rule_month, f"{rules} rules"),
        CostLine("ECR", images * prices.registry_gib_month, f"{images:g} GiB"),
        CostLine("Logs", logs * prices.logs_gib, f"{logs:g} GiB"),
    ]


def _insights(by_type: ByType, prices: Prices) -> CostLine:
    """Container Insights costs by the metric."""
    on = any(
        setting.get("name") == "containerInsights" and setting.get("value") == "enabled"
        for cluster in by_type.get("aws_ecs_cluster", [])
        for setting in cluster.values.get("setting") or []
    )
    metrics = _INSIGHTS_CLUSTER + _INSIGHTS_SERVICE * len(by_type.get("aws_ecs_service", []))
    return CostLine("Container Insights", on * metrics * prices.metric_month, f"about {metrics} metrics")


Rule = Callable[[ByType, Usage, Prices], list[CostLine]]
_RULES: tuple[Rule, ...] = (
    _tasks,
    _functions,
    _load_balancer,
    _network,
    _monitoring_and_storage,
    delivery,
    database_proxy,
)
