"""The switches of both roots that the local AWS can carry, and the rows of the matrix that applies them.

A switch's first value is the default. What forces another VPC, and so another load balancer, is the switch
`network`: rows with the same value of it form a block, which is applied in an account of its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.modules import pairwise
from tests.modules.pairwise import Row

SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf"
DATABASE_USER = "arn:aws:rds-db:eu-central-1:123456789012:dbuser:prx-1/app"
TEAM = "arn:aws:iam::123456789012:role/team"
CI = "arn:aws:iam::123456789012:oidc-provider/ci.example.org"
SCALING = {"minimum": 2, "maximum": 4, "cpu": 60, "requests": 100}
NIGHT = {"night": {"cron": "cron(0 22 * * ? *)", "minimum": 1, "maximum": 2}}


@dataclass(frozen=True)
class World:
    """What is in an account before the platform comes."""

    certificate: str = "certificate"
    zone: str = "zone"
    key: str = "key"
    database: str = "group"
    network: Mapping[str, Any] = field(default_factory=dict)


Given = Callable[[World, Row], Mapping[str, Any]]
"""A value's variables."""


def _is(**variables: Any) -> Given:
    return lambda _world, _row: variables


def _named(_: World, row: Row) -> Mapping[str, Any]:
    public, private = ([f"10.8.{third}.0/24" for third in range(first, first + 3)] for first in (0, 8))
    count = int(row["zones"])
    return {"cidr": "10.8.0.0/20", "subnet_cidrs": {"public": public[:count], "private": private[:count]}}


PLATFORM: Mapping[str, Mapping[str, Given]] = {
    "network": {
        "made": _is(),
        "named": _named,
        "existing": lambda world, _: {"existing_network": world.network},
    },
    "zones": {"2": _is(), "3": _is(zones=3)},
    "nat": {"none": _is(nat="none"), "single": _is(nat="single"), "per_zone": _is(nat="per_zone")},
    "endpoints": {"off": _is(), "on": _is(endpoints=True)},
    "flow_logs": {"off": _is(), "on": _is(flow_logs=7)},
    "https": {
        "none": _is(),
        "given": lambda world, _: {"certificate_arn": world.certificate},
        "domain": lambda world, _: {"domain": "www.example.org", "zone_id": world.zone},
    },
    "waf": {"off": _is(), "on": _is(waf={"rate_limit": 500})},
    "access_logs": {"off": _is(), "on": _is(access_logs_days=30)},
    "stickiness": {"ten_minutes": _is(), "off": _is(stickiness=0)},
    "csp": {"none": _is(), "self": _is(content_security_policy="default-src 'self'")},
    "routes": {
        "api": _is(),
        "more": _is(
            routes={
                "old": {"priority": 10, "paths": ["/old/*"], "targets": {"app": 1}},
                "shop": {"priority": 20, "paths": ["/shop", "/shop/*"], "targets": {"app": 1}},
            }
        ),
    },
    "protection": {"off": _is(), "on": _is(deletion_protection=True)},
    "tls": {"any": _is(), "required": _is(require_tls=True)},
    "kms": {"none": _is(), "key": lambda world, _: {"kms_key_arn": world.key}},
    "repositories": {"own": _is(), "shared": _is(create_repositories=False)},
    "registry": {"host": _is(), "ecr": _is(registry_host=None)},
    "insights": {
        "enabled": _is(),
        "disabled": _is(container_insights="disabled"),
        "enhanced": _is(container_insights="enhanced"),
    },
    "emails": {"none": _is(), "team": _is(alarm_emails=["team@example.org"])},
    "trusted": {
        "account": _is(),
        "named": _is(release_trusted=[TEAM]),
        "ci": _is(release_oidc={CI: {"subjects": ["repo:team/app:ref:refs/heads/main"]}}),
    },
    "secrets": {
        "none": _is(app_secret_arns=[], api_secret_arns=[]),
        "own_key": lambda world, _: {
            "app_secret_arns": [SECRET],
            "api_secret_arns": [SECRET],
            "secret_kms_key_arns": [world.key],
        },
    },
    "api": {
        "lambda": _is(),
        "fargate": _is(api_runtime="fargate"),
        "split": _is(api_split={"lambda": 90, "fargate": 10}),
        "held": _is(api_runtime="fargate", api_shares={"lambda": 100, "fargate": 0}),
    },
    "function": {
        "outside": _is(),
        "vpc": _is(api_vpc=True),
        "database": lambda world, _: {
            "api_vpc": True,
            "database": {"user_arn": DATABASE_USER, "security_group_id": world.database},
        },
    },
}

RELEASE: Mapping[str, Mapping[str, Given]] = {
    "scaling": {
        "fixed": _is(),
        "scaled": _is(autoscaling=SCALING),
        "scheduled": _is(autoscaling={**SCALING, "memory": 70, "schedule": NIGHT}),
    },
    "api_scaling": {"fixed": _is(), "scaled": _is(api_autoscaling=SCALING)},
    "spot": {"none": _is(), "some": _is(spot_share=30), "all": _is(spot_share=100)},
    "alarms": {"off": _is(), "on": _is(deployment_alarms=True)},
    "replacement": {"room": _is(), "tight": _is(minimum_healthy_percent=50, maximum_percent=100)},
    "warmth": {
        "none": _is(),
        "ping": _is(api_warmth="ping"),
        "provisioned": _is(api_warmth="provisioned", api_provisioned_concurrency=2),
    },
    "tracing": {"on": _is(), "off": _is(api_tracing=False)},
    "processor": {
        "X86_64": _is(),
        "ARM64": _is(release={"task": {"architecture": "ARM64"}, "api": {"architecture": "ARM64"}}),
    },
    "storage": {
        "default": _is(),
        "named": _is(release={"task": {"ephemeral_storage_gib": 50}}),
        "needed": _is(release={"task": {"storage_bytes": 40_000_000_000}}),
    },
    "canary": {"none": _is(), "tenth": _is(release={"api": {"weights": {"canary_percent": 10}}})},
}

SWITCHES = {**PLATFORM, **RELEASE}

RULES = (
    # The owner of an existing VPC manages its routes, NAT and logs.
    {"network": "existing", "zones": "3"},
    {"network": "existing", "nat": "single"},
    {"network": "existing", "nat": "per_zone"},
    {"network": "existing", "flow_logs": "on"},
    # What only a function has, or only tasks have.
    {"api": "fargate", "function": "vpc"},
    {"api": "fargate", "function": "database"},
    {"api": "held", "function": "vpc"},
    {"api": "held", "function": "database"},
    {"api": "fargate", "warmth": "ping"},
    {"api": "fargate", "warmth": "provisioned"},
    {"api": "fargate", "canary": "tenth"},
    {"api": "lambda", "api_scaling": "scaled"},
)

VALUES = {
    "platform": {
        *("name", "environment", "region", "account_id", "max_retries"),
        *("app_port", "app_health_path", "api_path", "api_port", "api_timeout", "api_concurrency"),
        *("health_interval", "deregistration_delay", "retention_days", "slow_seconds"),
    },
    "release": {"platform", "max_retries", "api_command", "api_count", "api_cpu", "api_grace_seconds"},
}
"""Variables that are names, places and sizes: they switch nothing on or off."""

# Seconds that a change costs, by the provider's own waits; all others cost about one.
_COST = {"access_logs": 90, "https": 30, "protection": 30, "zones": 30, "endpoints": 15, "nat": 10, "kms": 10}


def cost(before: Row, after: Row) -> float:
    """What the step from one row to another costs, roughly."""
    return sum(_COST.get(name, 1) for name in after if after[name] != before[name])


@cache
def blocks() -> dict[str, list[Row]]:
    """The rows by network, each block in a cheap order."""
    found = pairwise.rows(SWITCHES, RULES)
    return {
        network: pairwise.in_order([row for row in found if row["network"] == network], cost)
        for network in SWITCHES["network"]
    }


def variables(root: Mapping[str, Mapping[str, Given]], world: World, row: Row) -> dict[str, Any]:
    """The variables that the row gives one of the roots."""
    merged: dict[str, Any] = {}
    for switch, values in root.items():
        merged = deep(merged, values[row[switch]](world, row))
    return merged


def deep(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Both, the second over the first, mappings within mappings too."""
    both = {
        key: deep(one[key], other[key])
        for key in one.keys() & other.keys()
        if isinstance(one[key], Mapping) and isinstance(other[key], Mapping)
    }
    return {**one, **other, **both}


def name(row: Row) -> str:
    """The row for people: what is not at its default."""
    chosen = [
        f"{switch}={row[switch]}" for switch, values in SWITCHES.items() if row[switch] != next(iter(values))
    ]
    return " ".join(chosen) or "defaults"
