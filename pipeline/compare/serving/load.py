"""Put bounded load on a URL with wrk, and read what it measured."""

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.compare.experiment_run import FailedTrialError
from pipeline.compare.serving.figures import ERRORS, MEDIAN, RATE, REQUESTS, TAIL
from pipeline.compare.serving.workloads import Requests
from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.images.bases.apt import install_packages, is_root_on_debian

MOST_REQUESTS = 2_000_000
"""wrk stops after as many requests of one trial."""
_SCRIPT = Path(__file__).with_name("load.lua")
_ANSWER_SECONDS = 10
"""An answer that takes longer is an error."""
_GRACE_SECONDS = 20
_MARK = "tandem "
_MICRO = 1e-6
_VERSION = re.compile(r"\d+(?:\.\d+)+[\w.+-]*")


@dataclass(frozen=True)
class Load:
    """How many connections ask for how many seconds."""

    connections: int
    seconds: int


def require_wrk() -> None:
    """Install wrk where Debian's packages can be installed.

    Raises:
        TandemError: it is missing, or cannot be installed.
    """
    if shutil.which("wrk"):
        return
    if not is_root_on_debian():
        raise TandemError(
            "wrk is not installed: it makes the load of this comparison", hint="sudo apt-get install wrk"
        )
    install_packages(["wrk"], console.info)


def wrk_version() -> Mapping[str, str]:
    """The version of wrk; empty without it. wrk prints it and exits with 1."""
    try:
        process = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return {}
    match = _VERSION.search(process.stdout + process.stderr)
    return {"wrk": match[0]} if match else {}


def command(url: str, host: str, load: Load, paths: Path, headers: Sequence[tuple[str, str]]) -> list[str]:
    """The command of one trial; `paths` is a file with one path a line."""
    return [
        *("wrk", "--threads", "1", "--connections", str(load.connections)),
        *("--duration", f"{load.seconds}s", "--timeout", f"{_ANSWER_SECONDS}s"),
        *("--header", f"Host: {host}"),
        *(word for name, value in headers for word in ("--header", f"{name}: {value}")),
        *("--script", str(_SCRIPT), url, "--", str(paths), str(MOST_REQUESTS)),
    ]


def run(url: str, host: str, requests: Requests, load: Load) -> dict[str, float]:
    """Ask `host` behind `url` for the paths of `requests`, drawn at random; the figures.

    Raises:
        FailedTrialError: a request failed, or there were too many.
        TandemError: wrk failed.
    """
    with tempfile.TemporaryDirectory(prefix="tandem-load-") as folder:
        paths = Path(folder) / "paths"
        paths.write_text("\n".join(requests.paths) + "\n", encoding="utf-8")
        words = command(url, host, load, paths, requests.headers)
        try:
            process = subprocess.run(
                words, capture_output=True, text=True, check=False, timeout=load.seconds + _GRACE_SECONDS
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise TandemError(f"wrk did not end well: {error}", hint="wrk -v") from error
    if process.returncode:
        reason = (process.stderr or process.stdout).strip().splitlines()[-1:] or ["it said nothing"]
        raise TandemError(f"wrk failed: {reason[0]}", hint="docker logs of the load balancer")
    return figures(process.stdout)


def figures(output: str) -> dict[str, float]:
    """The figures in the output of the script.

    Raises:
        FailedTrialError: a request failed, or there were too many.
        TandemError: the output has another shape.
    """
    values = _parse(output)
    errors = {name: int(count) for name, count in values["errors"].items() if count}
    failures, answers = sum(errors.values()), int(values["requests"]) - errors.get("status", 0)
    seconds = values["duration_us"] * _MICRO
    by_key = {
        RATE.key: answers / seconds,
        MEDIAN.key: values["p50_us"] * _MICRO,
        TAIL.key: values["p99_us"] * _MICRO,
        REQUESTS: float(answers),
        ERRORS: float(failures),
    }
    if failures:
        kinds = ", ".join(f"{count} {name}" for name, count in sorted(errors.items()))
        message = f"{failures:,} of {answers + failures:,} requests failed: {kinds}"
        raise FailedTrialError(message, by_key)
    if not answers:
        raise FailedTrialError("no request was answered", by_key)
    if values["sent"] > MOST_REQUESTS:
        raise FailedTrialError(f"the trial ended at its bound of {MOST_REQUESTS:,} requests", by_key)
    return by_key


def _parse(output: str) -> dict[str, Any]:
    lines = [line for line in output.splitlines() if line.startswith(_MARK)]
    try:
        values: dict[str, Any] = json.loads(lines[-1].removeprefix(_MARK))
    except (IndexError, ValueError) as error:
        raise TandemError(f"wrk printed no result: {output.strip()[-200:]!r}", hint="wrk -v") from error
    return values
