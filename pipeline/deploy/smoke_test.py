"""Check what runs: testinfra on the containers, HTTP through the load balancer, and the project's own tests.

The suite in `tests/smoke` gets what the current release and tandem.toml say as a JSON file, so that it checks
this project and not an example.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT
from pipeline.core.settings import Settings
from pipeline.deploy.manifest import Release

SUITE = ROOT / "tests" / "smoke"
OWN = "checks"
"""The folder beside tandem.toml with the project's own tests."""
_PLUGIN = "tests.smoke.fixtures"
_FAILED, _SKIPPED = "failed", "skipped"
_MARKS = {"passed": "ok  ", _FAILED: "BAD ", _SKIPPED: "skip"}
_RAN = (0, 1)  # pytest's exit codes if all tests could be run


@dataclass(frozen=True)
class CheckResult:
    """One check: its name, `passed`, `failed` or `skipped`, and the reason of the last two."""

    name: str
    outcome: str
    reason: str = ""

    def __str__(self) -> str:
        reason = f": {self.reason}" if self.outcome == _SKIPPED else ""
        return f"{_MARKS[self.outcome]} {self.name}{reason}"


@dataclass(frozen=True)
class CheckReport:
    """All checks of one run, in their order."""

    results: tuple[CheckResult, ...]

    @property
    def failed(self) -> tuple[CheckResult, ...]:
        return tuple(result for result in self.results if result.outcome == _FAILED)

    @property
    def summary(self) -> str:
        """The counts in one line."""
        outcomes = [result.outcome for result in self.results]
        counts = [(outcomes.count(outcome), outcome) for outcome in (_FAILED, "passed", _SKIPPED)]
        return ", ".join(f"{count} {outcome}" for count, outcome in counts if count)

    def require(self, url: str, environment: str) -> None:
        """TandemError if a check failed; the message has the reason of each."""
        if not self.failed:
            return
        reasons = "\n".join(f"{result}\n{result.reason}" for result in self.failed)
        raise TandemError(
            f"{len(self.failed)} of {len(self.results)} checks failed on {url}:\n{reasons}",
            hint=f"tandem status --env {environment}",
        )


def facts(release: Release, settings: Settings, url: str, stack: str) -> dict[str, Any]:
    """What the suite is to check, as JSON values.

    Args:
        release: the release that runs; its task definition names containers, port and user.
        settings: what the task definition does not show: the content's path, the health check's path.
        url: where the site answers.
        stack: the local stack whose containers are looked at; empty where containers are out of reach
            (Fargate), then only the site is.
    """
    return {
        "url": url,
        "stack": stack,
        "containers": list(release.task_definition["containerDefinitions"]),
        "content_path": settings.task.content_path,
        "health_path": settings.task.health_path,
        "api_path": release.api.path if release.api else None,
        "is_tandems": not settings.sources.app.dockerfile,
    }


def check(what: Mapping[str, Any], project: Path) -> CheckReport:
    """Run the suite on `what`, which `facts` made, and the tests in the project's own folder, if it has one.

    Raises:
        TandemError: the checks could not be run.
    """
    own = project / OWN
    with tempfile.TemporaryDirectory(prefix="tandem-check-") as folder:
        results, file = Path(folder) / "results.json", Path(folder) / "check.json"
        file.write_text(json.dumps({**what, "results": str(results)}), encoding="utf-8")
        run = _run_pytest(file, [SUITE, *([own] if own.is_dir() else [])])
        checks = json.loads(results.read_text(encoding="utf-8")) if results.exists() else []
    report = CheckReport(tuple(CheckResult(**result) for result in checks))
    if not report.results or (run.returncode not in _RAN and not report.failed):
        raise TandemError(
            f"the checks could not be run:\n{run.stdout.strip()}\n{run.stderr.strip()}", hint=f"correct {own}"
        )
    return report


def _run_pytest(file: Path, folders: list[Path]) -> subprocess.CompletedProcess[str]:
    options = ["-p", _PLUGIN, "-p", "no:cacheprovider", "--tb=short", "--continue-on-collection-errors"]
    # Without the conftest.py of the tests of Tandem itself, which needs their libraries.
    config = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), "--confcutdir", str(SUITE)]
    command = [sys.executable, "-m", "pytest", *config, *options, *map(str, folders)]
    environ = {**os.environ, "TANDEM_CHECK": str(file)}
    return subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, check=False)
