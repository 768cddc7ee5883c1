"""Security groups: rules that name a group keep their description, as those that name a range do."""

from typing import Any

from moto.ec2.models.security_groups import SecurityGroupRule


def _description(self: SecurityGroupRule) -> str | None:
    found: str | None = self.ip_range.get("Description") or self.source_group.get("Description")
    return found


def patch() -> None:
    rule: Any = SecurityGroupRule
    rule.description = property(_description)
