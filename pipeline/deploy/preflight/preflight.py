"""Run all checks of one release."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from pipeline.aws.access import Aws
from pipeline.aws.request_schema import validate_request
from pipeline.core.errors import TandemError
from pipeline.core.platform import FUNCTION, TASKS, Platform
from pipeline.core.settings import Settings
from pipeline.deploy.manifest import Release
from pipeline.deploy.preflight import (
    function,
    image_contract,
    load_balancer,
    network_and_logs,
    roles,
    secrets,
)
from pipeline.deploy.preflight.api_task import api_task_definition
from pipeline.deploy.preflight.container_images import OpenRegistry
from pipeline.deploy.preflight.exit_code import ExitCodeCheck
from pipeline.deploy.preflight.images import missing
from pipeline.deploy.preflight.layer_entries import KeptEntries
from pipeline.registry import connect
from render import fargate
from render.finding import Finding, errors

__all__ = ["Finding", "Preflight"]

Check = Callable[[], Iterable[Finding]]
_AT_ONCE = 8
_NO_API = "the release has none, but the platform runs one"
_SWITCH_OFF = "set enabled = false under [api] in tandem.toml; then `tandem apply`"


@dataclass(frozen=True)
class Preflight:
    """The checks of releases on one platform.

    With `exit_code`, data containers run once on Docker. The entries of layers in `cache` are not read again.
    """

    aws: Aws
    platform: Platform
    open_registry: OpenRegistry = connect
    exit_code: ExitCodeCheck | None = None
    cache: KeptEntries | None = None

    def findings(self, release: Release, settings: Settings | None = None) -> list[Finding]:
        """All findings, sorted; none if the release can be applied.

        With `settings` the platform must be what they say. A rollback goes without: it must be possible
        whatever is in tandem.toml.

        A check that fails (for example without a permission) is a finding as well.
        """
        checks = {**self._site(release, is_old=settings is None), **self._api(release)}
        if settings:
            checks["settings"] = lambda: load_balancer.settings_applied(
                self.aws, self.platform, settings, release.environment
            )
        exit_code = self.exit_code
        if exit_code:
            checks["data container"] = lambda: exit_code.run(release.task_definition, self.open_registry)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            results = pool.map(lambda item: _run(*item), checks.items())
            return sorted({finding for findings in results for finding in findings})

    def require(self, release: Release, settings: Settings | None = None) -> None:
        """TandemError with all findings, if there is one."""
        findings = self.findings(release, settings)
        if findings:
            lines = "\n".join(f"  {finding}" for finding in findings)
            lines = lines.replace("ENV=…", f"ENV={release.environment}")  # the trail has no command line
            count = f"{len(findings)} check{'s' if len(findings) > 1 else ''}"
            raise TandemError(
                f"the release cannot be applied, {count} failed:\n{lines}",
                hint="fix these, then run the command again; nothing was changed",
            )

    def _site(self, release: Release, *, is_old: bool) -> dict[str, Check]:
        aws, platform, task = self.aws, self.platform, release.task_definition
        api_secrets = release.api.secrets if release.api else {}
        return {
            "request": lambda: validate_request(task),
            "rules": lambda: errors(fargate.check(task)),
            "images": lambda: missing(release.images, self.open_registry, is_old=is_old),
            "contract": lambda: image_contract.check(task, self.open_registry, self.cache),
            "roles": lambda: roles.check(aws, platform, task),
            "secrets": lambda: secrets.check(aws, {**_task_secrets(task), **api_secrets}),
            "logs": lambda: network_and_logs.log_groups(aws, platform, task),
            "subnets": lambda: network_and_logs.subnets(aws, platform),
            "target group": lambda: load_balancer.target_group(
                aws, platform.app_target_group_arn, task, is_old=is_old
            ),
            "certificate": lambda: load_balancer.certificates(aws, platform),
        }

    def _api(self, release: Release) -> dict[str, Check]:
        """The checks for the API's runtimes: a function, tasks, or both."""
        aws, platform = self.aws, self.platform.with_planned()
        checks = dict[str, Check]()
        if platform.runtimes and release.api is None:
            return {"API": lambda: [Finding("API", _NO_API, _SWITCH_OFF)]}
        if FUNCTION in platform.runtimes:
            checks["concurrency"] = lambda: function.concurrency(aws, platform, release)
            checks["function's image"] = lambda: function.package(release, self.open_registry)
        if TASKS in platform.runtimes:
            task = api_task_definition(platform, release)
            group = (platform.api_target_group_arns or {})[TASKS]
            checks["API's contract"] = lambda: image_contract.check(task, self.open_registry, self.cache)
            checks["API's logs"] = lambda: network_and_logs.log_groups(aws, platform, task)
            checks["API's target group"] = lambda: load_balancer.target_group(aws, group, task)
        return checks


def _task_secrets(task_definition: Mapping[str, Any]) -> dict[str, str]:
    """The secrets of all containers, by variable name."""
    containers = task_definition.get("containerDefinitions", [])
    return {
        item["name"]: item["valueFrom"] for container in containers for item in container.get("secrets", [])
    }


def _run(name: str, check: Check) -> list[Finding]:
    try:
        return list(check())
    except TandemError as error:
        return [Finding(name, f"could not be checked: {error.message}", error.hint or "tandem doctor")]
