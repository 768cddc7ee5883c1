"""What runs the API, a function or tasks, and which of its services a release has to watch: pure."""

from collections.abc import Mapping
from typing import Any

FUNCTION, TASKS = "lambda", "fargate"
"""As Terraform's `api_runtime` names them."""

_TARGETS = {FUNCTION: "api", TASKS: "api-task"}
"""Their target groups, as Terraform's `target_group_arn_suffixes` names them."""

Platform = Mapping[str, Any]


def of(platform: Platform) -> set[str]:
    """The runtimes that the API is to run on."""
    return set(platform.get("api_target_group_arns") or {FUNCTION: ""})


def needed(platform: Platform) -> Platform:
    """The platform without runtimes that have no traffic and are not to get any."""
    return _only(platform, set(_with_traffic(platform)) | set(platform.get("api_split") or {}))


def serving(platform: Platform) -> Platform:
    """The platform without runtimes that have no traffic yet: what a release goes back to."""
    return _only(platform, set(_with_traffic(platform)))


def settled(platform: Platform) -> bool:
    """Whether the API's traffic is shared as Terraform's variables ask."""
    return bool(platform.get("api_shares") == platform.get("api_split"))


def services(outputs: Mapping[str, Any]) -> dict[str, str]:
    """The services of an applied release and the revisions that they are to run."""
    found = {str(outputs["service_name"]): str(outputs["task_definition_arn"])}
    if outputs.get("api_service_name"):
        found[str(outputs["api_service_name"])] = str(outputs["api_task_definition_arn"])
    return found


def applied(outputs: Mapping[str, Any]) -> set[str]:
    """The runtimes that an applied release has the API on."""
    found = {FUNCTION: outputs.get("function_name"), TASKS: outputs.get("api_service_name")}
    return {name for name, there in found.items() if there}


def _with_traffic(platform: Platform) -> list[str]:
    shares = platform.get("api_shares")
    return [name for name in of(platform) if shares is None or shares.get(name, 0) > 0]


def _only(platform: Platform, names: set[str]) -> Platform:
    groups = platform.get("api_target_group_arns")
    if groups is None:
        return platform
    without = {_TARGETS[name] for name in groups if name not in names}
    suffixes = platform.get("target_group_arn_suffixes") or {}
    return {
        **platform,
        "api_target_group_arns": {name: arn for name, arn in groups.items() if name in names},
        # The dashboard shows each: one that is about to go would be a change that nobody asked for.
        "target_group_arn_suffixes": {key: suffix for key, suffix in suffixes.items() if key not in without},
    }
