"""The rows of the matrix that applies the switches of both roots, and what excludes what.

Another value of `network` forces another VPC and another load
balancer: the rows with the same value form a block, and each block has its own account.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from tests.modules import pairwise
from tests.modules.pairwise import MatrixRow
from tests.modules.switches import SWITCHES, ExistingResources, VariablesOf

RULES = (
    # The owner of an existing VPC manages its routes, NAT and logs.
    {"network": "existing", "zones": "3"},
    {"network": "existing", "nat": "single"},
    {"network": "existing", "nat": "per_zone"},
    {"network": "existing", "flow_logs": "on"},
    # A public zone cannot name an internal load balancer.
    {"network": "existing", "https": "domain"},
    # Variables that apply to a function only, or to tasks only.
    {"api": "fargate", "function": "vpc"},
    {"api": "held", "function": "vpc"},
    {"api": "held", "function": "database"},
    {"api": "held", "function": "proxy"},
    {"api": "fargate", "warmth": "ping"},
    {"api": "fargate", "warmth": "provisioned"},
    {"api": "fargate", "canary": "tenth"},
    {"api": "off", "canary": "tenth"},
    {"api": "lambda", "api_scaling": "scaled"},
)


VALUES = {
    "platform": {
        *("name", "environment", "region", "account_id", "max_retries"),
        *("app_port", "app_health_path", "api_path", "api_port", "api_timeout", "api_concurrency"),
        *("health_interval", "deregistration_delay", "retention_days", "slow_seconds", "delete_images"),
    },
    "release": {"platform", "max_retries", "api_command", "api_count", "api_cpu", "api_grace_seconds"},
}
"""Variables that hold names, places and sizes: they switch nothing on or off."""


# Seconds that a change takes because the provider waits; every other change takes about one.
_COST = {"access_logs": 90, "https": 30, "protection": 30, "zones": 30, "endpoints": 15, "nat": 10, "kms": 10}


def cost(before: MatrixRow, after: MatrixRow) -> float:
    """Seconds that the step from one row to another takes, roughly."""
    return sum(_COST.get(name, 1) for name in after if after[name] != before[name])


@cache
def blocks() -> dict[str, list[MatrixRow]]:
    """The rows by network, each block in a cheap order."""
    rows = pairwise.rows(SWITCHES, RULES)
    return {
        network: pairwise.cheapest_order([row for row in rows if row["network"] == network], cost)
        for network in SWITCHES["network"]
    }


def variables(
    root: Mapping[str, Mapping[str, VariablesOf]], existing: ExistingResources, row: MatrixRow
) -> dict[str, Any]:
    """The variables of one root in the row."""
    merged: dict[str, Any] = {}
    for switch, values in root.items():
        merged = deep(merged, values[row[switch]](existing, row))
    return merged


def deep(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The second mapping merged over the first; nested mappings are merged too."""
    both = {
        key: deep(one[key], other[key])
        for key in one.keys() & other.keys()
        if isinstance(one[key], Mapping) and isinstance(other[key], Mapping)
    }
    return {**one, **other, **both}


def name(row: MatrixRow) -> str:
    """The row in words: the switches that are not at their default."""
    chosen = [
        f"{switch}={row[switch]}" for switch, values in SWITCHES.items() if row[switch] != next(iter(values))
    ]
    return " ".join(chosen) or "defaults"
