"""Security groups: rules with a source group keep their description, as rules with an IP range do."""

from typing import Any

from moto.ec2.models.security_groups import SecurityGroupRule


def _description(self: SecurityGroupRule) -> str | None:
    description: str | None = self.ip_range.get("Description") or self.source_group.get("Description")
    return description


def patch() -> None:
    rule: Any = SecurityGroupRule
    rule.description = property(_description)
