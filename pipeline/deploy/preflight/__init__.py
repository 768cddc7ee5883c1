"""Prove before anything changes that everything a release names exists and may be used.

Every check yields findings; all run, several at once, and all findings are told together.
"""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pipeline.core import platform as runtimes
from pipeline.core.errors import TandemError
from pipeline.deploy.manifest import Release
from pipeline.deploy.preflight import api_task as api
from pipeline.deploy.preflight import function, roles, secrets
from pipeline.deploy.preflight import image_contract as contract
from pipeline.deploy.preflight import load_balancer as balancer
from pipeline.deploy.preflight import network_and_logs as surroundings
from pipeline.deploy.preflight.exit_code import Proof
from pipeline.deploy.preflight.images import missing
from pipeline.deploy.request_schema import misshapen
from pipeline.registry import connect
from render import fargate
from render.finding import Finding

__all__ = ["Finding", "require", "verify"]

Check = Callable[[], Iterable[Finding]]
_AT_ONCE = 8


def verify(
    platform: Mapping[str, Any],
    release: Release,
    registry: Callable[[str], contract.Images] = connect,
    proof: Proof | None = None,
) -> list[Finding]:
    """All findings, sorted; none means that the release can be applied.

    With `proof`, containers that others wait for are run once on Docker.

    What could not be asked is a finding as well: a missing permission now is a failure later.
    """
    checks = {**_site(platform, release, registry), **_api(platform, release, registry)}
    if proof:
        checks["data container"] = lambda: proof.check(release.task_definition, registry)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = pool.map(lambda item: _told(*item), checks.items())
        return sorted({finding for findings in found for finding in findings})


def _site(
    platform: Mapping[str, Any], release: Release, registry: Callable[[str], contract.Images]
) -> dict[str, Check]:
    task = release.task_definition
    return {
        "shape": lambda: misshapen(task),
        "rules": lambda: fargate.check(task),
        "images": lambda: missing(release.images, registry),
        "contract": lambda: contract.check(task, registry),
        "roles": lambda: roles.check(platform, task),
        "secrets": lambda: secrets.check({**task_secrets(task), **release.api.secrets}),
        "logs": lambda: surroundings.log_groups(platform, task),
        "subnets": lambda: surroundings.subnets(platform),
        "target group": lambda: balancer.target_group(str(platform.get("app_target_group_arn", "")), task),
        "certificate": lambda: balancer.certificate(platform),
    }


def _api(
    platform: Mapping[str, Any], release: Release, registry: Callable[[str], contract.Images]
) -> dict[str, Check]:
    """For what runs the API: a function, tasks, or both."""
    on, checks = runtimes.of(runtimes.needed(platform)), dict[str, Check]()
    if runtimes.FUNCTION in on:
        checks["concurrency"] = lambda: function.concurrency(platform, release)
        checks["function's image"] = lambda: function.package(release, registry)
    if runtimes.TASKS in on:
        task, group = api.task(platform, release), str(platform["api_target_group_arns"][runtimes.TASKS])
        checks["API's contract"] = lambda: contract.check(task, registry)
        checks["API's logs"] = lambda: surroundings.log_groups(platform, task)
        checks["API's target group"] = lambda: balancer.target_group(group, task)
    return checks


def require(findings: list[Finding]) -> None:
    """TandemError with all findings; nothing where there is none."""
    if findings:
        lines = "\n".join(f"  {finding}" for finding in findings)
        raise TandemError(
            f"the release cannot be applied, {len(findings)} checks failed:\n{lines}",
            hint="fix these, then run the command again; nothing was changed",
        )


def task_secrets(task_definition: Mapping[str, Any]) -> dict[str, str]:
    """The secrets of all containers, by variable name."""
    containers = task_definition.get("containerDefinitions", [])
    return {
        item["name"]: item["valueFrom"] for container in containers for item in container.get("secrets", [])
    }


def _told(name: str, check: Check) -> list[Finding]:
    try:
        return list(check())
    except TandemError as error:
        return [Finding(name, f"could not be checked: {error.message}", error.hint or "tandem doctor")]
