"""Service quotas of an account and region, the amounts in use, and service-linked roles."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.aws.access import Aws
from pipeline.aws.client_errors import explain_errors

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
LOG_POLICIES = 10
"""Resource policies of CloudWatch Logs in a region; Service Quotas does not know them."""


@dataclass(frozen=True)
class Quota:
    """One quota: its codes in Service Quotas, its name there, its value, and the metric of its use."""

    service: str
    code: str
    name: str
    value: float
    usage: Mapping[str, Any] = field(default_factory=dict)

    def request(self, value: float) -> str:
        """The command that asks AWS for more."""
        return (
            f"aws service-quotas request-service-quota-increase --service-code {self.service}"
            f" --quota-code {self.code} --desired-value {value:g}"
        )


def read_quota(aws: Aws, service: str, code: str) -> Quota:
    """The quota with the value that the account has, AWS's default unless it was raised.

    Raises:
        TandemError: AWS refuses.
    """
    client = aws.client("service-quotas")
    with explain_errors(f"read the quota {service} {code}"):
        try:
            quota = client.get_service_quota(ServiceCode=service, QuotaCode=code)["Quota"]
        except client.exceptions.NoSuchResourceException:
            quota = client.get_aws_default_service_quota(ServiceCode=service, QuotaCode=code)["Quota"]
    return Quota(service, code, quota["QuotaName"], quota["Value"], quota.get("UsageMetric", {}))


def used_by_metric(aws: Aws, quota: Quota) -> int:
    """The most that was in use in the last hour, by the quota's own metric; 0 if there is none."""
    metric = quota.usage
    if not metric:
        return 0
    now = datetime.now(UTC)
    with explain_errors(f"read how much of {quota.name} is in use"):
        points = aws.client("cloudwatch").get_metric_statistics(
            Namespace=metric["MetricNamespace"],
            MetricName=metric["MetricName"],
            Dimensions=[{"Name": key, "Value": value} for key, value in metric["MetricDimensions"].items()],
            StartTime=now - timedelta(hours=1),
            EndTime=now,
            Period=300,
            Statistics=["Maximum"],
        )["Datapoints"]
    return int(max((point["Maximum"] for point in points), default=0))


def _all(service: Any, call: str, key: str) -> list[Any]:  # noqa: ANN401 - a boto3 client
    return [item for page in service.get_paginator(call).paginate() for item in page[key]]


def _vpcs(aws: Aws) -> int:
    return len(_all(aws.client("ec2"), "describe_vpcs", "Vpcs"))


def _internet_gateways(aws: Aws) -> int:
    return len(_all(aws.client("ec2"), "describe_internet_gateways", "InternetGateways"))


def _addresses(aws: Aws) -> int:
    return len(aws.client("ec2").describe_addresses()["Addresses"])


def _nat_gateways(aws: Aws) -> int:
    """The number in the zone that has most."""
    ec2 = aws.client("ec2")
    zones = {item["SubnetId"]: item["AvailabilityZone"] for item in _all(ec2, "describe_subnets", "Subnets")}
    live = [
        item
        for item in _all(ec2, "describe_nat_gateways", "NatGateways")
        if item["State"] in {"pending", "available"}
    ]
    return max(Counter(zones.get(item["SubnetId"], "") for item in live).values(), default=0)


def _load_balancers(aws: Aws) -> int:
    load_balancers = _all(aws.client("elbv2"), "describe_load_balancers", "LoadBalancers")
    return sum(item["Type"] == "application" for item in load_balancers)


def _target_groups(aws: Aws) -> int:
    return len(_all(aws.client("elbv2"), "describe_target_groups", "TargetGroups"))


_COUNTS: dict[str, Callable[[Aws], int]] = {
    "L-F678F1CE": _vpcs,
    "L-A4707A72": _internet_gateways,
    "L-0263D0A3": _addresses,
    "L-FE5A380F": _nat_gateways,
    "L-53DA6B97": _load_balancers,
    "L-B22855CB": _target_groups,
}


def used(aws: Aws, quota: Quota) -> int:
    """How much of the quota is in use; TandemError if AWS refuses."""
    count = _COUNTS.get(quota.code)
    if count is None:
        return used_by_metric(aws, quota)
    with explain_errors(f"count what uses the quota {quota.name}"):
        return count(aws)


def log_policies(aws: Aws) -> list[str]:
    """The names of CloudWatch Logs' resource policies in the region; TandemError if AWS refuses."""
    with explain_errors("list the resource policies of CloudWatch Logs"):
        return [
            policy["policyName"]
            for policy in _all(aws.client("logs"), "describe_resource_policies", "resourcePolicies")
        ]


def has_service_linked_role(aws: Aws, name: str) -> bool:
    """Whether the account has the service-linked role; TandemError if AWS refuses."""
    client = aws.client("iam")
    with explain_errors(f"look for the role {name}"):
        try:
            client.get_role(RoleName=name)
        except client.exceptions.NoSuchEntityException:
            return False
    return True
