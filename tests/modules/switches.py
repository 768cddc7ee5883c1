"""The switches of both roots that the local AWS supports: for each value the variables that it sets.

A switch's first value is the default.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.modules.pairwise import MatrixRow

SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf"
DATABASE_USER = "arn:aws:rds-db:eu-central-1:123456789012:dbuser:prx-1/app"
TEAM = "arn:aws:iam::123456789012:role/team"
CI = "arn:aws:iam::123456789012:oidc-provider/ci.example.org"
SCALING = {"minimum": 2, "maximum": 4, "cpu": 60, "requests": 100}
NIGHT = {"night": {"cron": "cron(0 22 * * ? *)", "minimum": 1, "maximum": 2}}


@dataclass(frozen=True)
class ExistingResources:
    """The resources in an account before the platform is applied."""

    certificate: str = "certificate"
    zone: str = "zone"
    key: str = "key"
    database: str = "group"
    boundary: str = "arn:aws:iam::123456789012:policy/bound"
    network: Mapping[str, Any] = field(default_factory=dict)


VariablesOf = Callable[[ExistingResources, MatrixRow], Mapping[str, Any]]
"""The variables that a switch's value sets."""


def _set(**variables: Any) -> VariablesOf:
    return lambda _world, _row: variables


STATEMENT = {
    "actions": ["sqs:SendMessage"],
    "resources": ["arn:aws:sqs:eu-central-1:123456789012:jobs"],
    "conditions": [{"test": "Bool", "variable": "aws:SecureTransport", "values": ["true"]}],
}
FILE_SYSTEM = {
    "id": "fs-0123456789abcdef0",
    "access_point_arn": "arn:aws:elasticfilesystem:eu-central-1:123456789012:access-point/fsap-01234567",
}
FILE = "arn:aws:s3:::team-files/app-1.env"
MAIL = {
    "mail": {"port": 587, "cidr": "10.0.0.0/8"},
    "games": {"port": 1000, "to_port": 1010, "cidr": "10.0.0.0/8"},
}


def _access(existing: ExistingResources, row: MatrixRow) -> Mapping[str, Any]:
    """Everything that app and API may have; a function outside the VPC has no connections and no mount."""
    is_in_vpc = row.get("api") != "lambda" or row.get("function") != "outside"
    can_mount = row.get("api") == "fargate" or row.get("function") != "outside"
    of_api = {"cache": {"port": 6379, "security_group_id": existing.database}} if is_in_vpc else {}
    return {
        "statements": {"app": {"Jobs": STATEMENT}, "api": {"Jobs": STATEMENT}},
        "egress": {"app": MAIL, "api": of_api},
        "security_group_ids": {
            "app": [existing.database] if row.get("network") == "existing" else [],
            "api": [],
        },
        "api_file_system": {**FILE_SYSTEM, "security_group_id": existing.database} if can_mount else None,
        "exec": "api",
        "api_reads_releases": True,
        "app_environment_files": [FILE],
        "api_environment_files": [FILE] if row.get("api") == "fargate" else [],
    }


def _database(existing: ExistingResources, row: MatrixRow) -> Mapping[str, Any]:
    """An RDS Proxy for the API: a function reaches it from within the VPC."""
    return {
        "api_vpc": row.get("api") != "fargate",
        "database": {"user_arn": DATABASE_USER, "security_group_id": existing.database},
    }


def _proxy(existing: ExistingResources, row: MatrixRow) -> Mapping[str, Any]:
    """The same, made for a database."""
    database = {"engine": "mysql", "instance": "shop", "user": "app", "security_group_id": existing.database}
    return {"api_vpc": row.get("api") != "fargate", "database_proxy": database}


def _named(_: ExistingResources, row: MatrixRow) -> Mapping[str, Any]:
    public, private = ([f"10.8.{third}.0/24" for third in range(first, first + 3)] for first in (0, 8))
    count = int(row["zones"])
    return {
        "cidr": "10.8.0.0/20",
        "subnet_cidrs": {"public": public[:count], "private": private[:count]},
        "zone_names": [f"eu-central-1{zone}" for zone in "cab"],
        "used_zones": 2,
    }


PLATFORM: Mapping[str, Mapping[str, VariablesOf]] = {
    "network": {
        "made": _set(),
        "named": _named,
        "existing": lambda existing, _: {"existing_network": existing.network, "internal": True},
    },
    "zones": {"2": _set(), "3": _set(zones=3)},
    "nat": {"none": _set(nat="none"), "single": _set(nat="single"), "per_zone": _set(nat="per_zone")},
    "endpoints": {"off": _set(), "on": _set(endpoints=True)},
    "flow_logs": {"off": _set(), "on": _set(flow_logs=7)},
    "https": {
        "none": _set(),
        "given": lambda existing, _: {"certificate_arn": existing.certificate},
        "domain": lambda existing, _: {"domain": "www.example.org", "zone_id": existing.zone},
    },
    "waf": {"off": _set(), "on": _set(waf={"rate_limit": 500})},
    "access_logs": {"off": _set(), "on": _set(access_logs_days=30)},
    "reach": {
        "everybody": _set(),
        "office": _set(
            ingress_cidrs=["203.0.113.0/24"], strict_transport_security="max-age=300; includeSubDomains"
        ),
    },
    "stickiness": {"ten_minutes": _set(), "off": _set(stickiness=0)},
    "csp": {"none": _set(), "self": _set(content_security_policy="default-src 'self'")},
    "routes": {
        "api": _set(),
        "more": _set(
            routes={
                "old": {"priority": 10, "paths": ["/old/*"], "targets": {"app": 1}},
                "shop": {"priority": 20, "paths": ["/shop", "/shop/*"], "targets": {"shop": 1}},
            },
            services={"shop": {"port": 9000, "health_path": "/up"}},
        ),
    },
    "protection": {"off": _set(), "on": _set(deletion_protection=True)},
    "tls": {"any": _set(), "required": _set(require_tls=True)},
    "kms": {"none": _set(), "key": lambda existing, _: {"kms_key_arn": existing.key}},
    "repositories": {
        "own": _set(),
        "environment": _set(repositories_per_environment=True),
        "shared": _set(create_repositories=False),
    },
    "registry": {"host": _set(), "ecr": _set(registry_host=None)},
    "insights": {
        "enabled": _set(),
        "disabled": _set(container_insights="disabled"),
        "enhanced": _set(container_insights="enhanced"),
    },
    "emails": {"none": _set(), "team": _set(alarm_emails=["team@example.org"])},
    "trusted": {
        "account": _set(),
        "named": _set(release_trusted=[TEAM]),
        "ci": _set(release_oidc={CI: {"subjects": ["repo:team/app:ref:refs/heads/main"]}}),
    },
    "secrets": {
        "none": _set(app_secret_arns=[], api_secret_arns=[]),
        "own_key": lambda existing, _: {
            "app_secret_arns": [SECRET],
            "api_secret_arns": [SECRET],
            "secret_kms_key_arns": [existing.key],
        },
    },
    "api": {
        "lambda": _set(),
        "fargate": _set(api_runtime="fargate"),
        "split": _set(api_split={"lambda": 90, "fargate": 10}, api_large_paths=["/api/exports/*"]),
        "off": _set(api_enabled=False),
        "held": _set(api_runtime="fargate", api_shares={"lambda": 100, "fargate": 0}),
    },
    "account": {
        "plain": _set(),
        "governed": lambda existing, _: {
            "tags": {"CostCenter": "42"},
            "role_path": "/team/",
            "permissions_boundary": existing.boundary,
        },
    },
    "values": {"all": _set(), "last": _set(api_multi_value_headers=False)},
    "function": {
        "outside": _set(),
        "vpc": _set(api_vpc=True),
        "database": _database,
        "proxy": _proxy,
    },
    "access": {"https": _set(), "more": _access},
    "follows": {
        "none": _set(),
        "dev": lambda existing, _: {"follows": "dev", "followed_kms_key_arn": existing.key},
    },
}
RELEASE: Mapping[str, Mapping[str, VariablesOf]] = {
    "scaling": {
        "fixed": _set(),
        "scaled": _set(autoscaling=SCALING),
        "scheduled": _set(autoscaling={**SCALING, "memory": 70, "schedule": NIGHT}),
    },
    "api_scaling": {"fixed": _set(), "scaled": _set(api_autoscaling=SCALING)},
    "spot": {"none": _set(), "some": _set(spot_share=30), "all": _set(spot_share=100)},
    "alarms": {"off": _set(), "on": _set(deployment_alarms=True)},
    "replacement": {"room": _set(), "tight": _set(minimum_healthy_percent=50, maximum_percent=100)},
    "warmth": {
        "none": _set(),
        "ping": _set(api_warmth="ping"),
        "provisioned": _set(api_warmth="provisioned", api_provisioned_concurrency=2),
    },
    "tracing": {"on": _set(), "off": _set(api_tracing=False)},
    "processor": {
        "X86_64": _set(),
        "ARM64": _set(release={"task": {"architecture": "ARM64"}, "api": {"architecture": "ARM64"}}),
    },
    "storage": {
        "default": _set(),
        "named": _set(release={"task": {"ephemeral_storage_gib": 50}}),
        "needed": _set(release={"task": {"storage_bytes": 40_000_000_000}}, api_tmpfs=64),
    },
    "canary": {"none": _set(), "tenth": _set(release={"api": {"weights": {"canary_percent": 10}}})},
}
SWITCHES = {**PLATFORM, **RELEASE}
