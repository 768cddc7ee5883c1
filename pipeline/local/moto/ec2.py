"""Security groups: rules keep their description, follow a change, and count as often as AWS counts them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from moto.ec2.exceptions import RulesPerSecurityGroupLimitExceededError
from moto.ec2.models.security_groups import SecurityGroupBackend, SecurityGroupRule

_RULES = 60
"""Rules of a security group for each direction and each version of IP."""
_CLOUDFRONT, _CLOUDFRONT_WEIGHT = "cloudfront.origin-facing", 55

Backend = Any


def _description(self: SecurityGroupRule) -> str | None:
    """Rules with a source group keep their description, as rules with an IP range do."""
    description: str | None = self.ip_range.get("Description") or self.source_group.get("Description")
    return description


def _weight(backend: Backend, prefix_list_id: str) -> int:
    """A rule with a prefix list counts as the entries that the list may have.

    https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
    """
    prefix_list = backend.managed_prefix_lists.get(prefix_list_id)
    if prefix_list is None:
        return 1
    if str(prefix_list.prefix_list_name).endswith(_CLOUDFRONT):
        return _CLOUDFRONT_WEIGHT
    return int(prefix_list.max_entries or len(prefix_list.entries.get(prefix_list.version) or ()) or 1)


def _is_ipv6(rule: SecurityGroupRule) -> bool:
    return "CidrIpv6" in (rule.ip_range or {})


def _fits(backend: Backend, rules: Iterable[SecurityGroupRule]) -> bool:
    weights = {True: 0, False: 0}
    for rule in rules:
        weights[_is_ipv6(rule)] += _weight(backend, rule.prefix_list_id) if rule.prefix_list_id else 1
    return max(weights.values()) <= _RULES


def _counting(authorize: Callable[..., Any], direction: str) -> Callable[..., Any]:
    """Take back the rules of a call that are too many."""

    def authorize_rules(self: Backend, *rest: Any, **keywords: Any) -> Any:  # noqa: ANN401 - of moto
        new_rules, group = authorize(self, *rest, **keywords)
        rules = getattr(group, direction)
        if not _fits(self, rules):
            rules[:] = [rule for rule in rules if rule not in new_rules]
            raise RulesPerSecurityGroupLimitExceededError
        return new_rules, group

    return authorize_rules


def _modifying(modify: Callable[..., Any]) -> Callable[..., Any]:
    """Change a rule's source group and prefix list as well, which moto leaves as they were."""

    def modify_rules(self: Backend, group_id: str, rules: Mapping[str, Mapping[str, Any]]) -> None:
        modify(self, group_id, rules)
        group = self.get_security_group_by_name_or_id(group_id)
        for rule_id, change in rules.items():
            rule = group.get_rule(rule_id)
            if change.get("ReferencedGroupId"):
                rule.source_group = {**(rule.source_group or {}), "GroupId": change["ReferencedGroupId"]}
            if change.get("PrefixListId"):
                rule.prefix_list_id = change["PrefixListId"]

    return modify_rules


def patch() -> None:
    rule: Any = SecurityGroupRule
    rule.description = property(_description)
    backend: Any = SecurityGroupBackend
    backend._verify_group_will_respect_rule_count_limit = lambda *_, **__: None  # noqa: SLF001
    backend.modify_security_group_rules = _modifying(backend.modify_security_group_rules)
    for direction in ("ingress", "egress"):
        name = f"authorize_security_group_{direction}"
        setattr(backend, name, _counting(getattr(backend, name), f"{direction}_rules"))
