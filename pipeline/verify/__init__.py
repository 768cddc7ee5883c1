"""Prove before anything changes that everything a release names exists and may be used.

Every check yields findings; all run, several at once, and all findings are told together.
"""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pipeline import contract
from pipeline.errors import TandemError
from pipeline.proof import Proof
from pipeline.registry import connect
from pipeline.release import Release
from pipeline.shape import misshapen
from pipeline.verify import balancer, function, roles, secrets, surroundings
from pipeline.verify.images import missing
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
    task = release.task_definition
    checks: dict[str, Check] = {
        "shape": lambda: misshapen(task),
        "rules": lambda: fargate.check(task),
        "images": lambda: missing(release.images, registry),
        "contract": lambda: contract.check(task, registry),
        "roles": lambda: roles.check(platform, task),
        "secrets": lambda: secrets.check({**task_secrets(task), **release.api.secrets}),
        "logs": lambda: surroundings.log_groups(platform, task),
        "subnets": lambda: surroundings.subnets(platform),
        "target group": lambda: balancer.target_group(platform, task),
        "certificate": lambda: balancer.certificate(platform),
        "concurrency": lambda: function.concurrency(platform, release),
        "function's image": lambda: function.package(release, registry),
    }
    if proof:
        checks["data container"] = lambda: proof.check(task, registry)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = pool.map(lambda item: _told(*item), checks.items())
        return sorted({finding for findings in found for finding in findings})


def require(findings: list[Finding]) -> None:
    """TandemError with all findings; nothing where there is none."""
    if findings:
        lines = "\n".join(f"  {finding}" for finding in findings)
        raise TandemError(
            f"the release cannot be applied, {len(findings)} checks failed:\n{lines}",
            mend="mend these, then run the command again; nothing was changed",
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
        return [Finding(name, f"could not be checked: {error.message}", error.mend or "tandem doctor")]
