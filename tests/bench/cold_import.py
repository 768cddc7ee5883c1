"""Measure what cold starts of the example APIs import: `python -m tests.bench.cold_import`, `make bench-api`.

New processes import each example's handler in the base image's Python: without bytecode, with that of
packages and source, and with that of Python's own library too, as the image's build makes it. The smallest
processor time and wall time count: other work on the machine only adds to them. Files are in the page cache.
"""

import argparse
import io
import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import docker

from pipeline.core.paths import ROOT
from pipeline.images import wheels
from tests.support.base_images import base
from tests.support.containers import output

EXAMPLES = ("api", "api-wsgi", "api-database")
_MAIN, _POWERTOOLS = "import main", "aws_lambda_powertools"
_COMPILE = ("python3", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash")
_MEASURE = """
import json, subprocess, sys
code = ("import os, time; w, c = time.perf_counter(), time.process_time(); " + sys.argv[1] +
    "; print(time.process_time() - c, time.perf_counter() - w, len(__import__('sys').modules))")
runs = []
for _ in range(int(sys.argv[2])):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    runs.append([float(part) for part in done.stdout.splitlines()[-1].split()])
print(json.dumps([min(column) for column in zip(*runs)]))
"""
_SHARES = 64  # it waits for other work
_VARIABLES = {"PYTHONPATH": "/opt/python:/var/task", "DATABASE_HOST": "localhost", "DATABASE_PORT": "1"}


@dataclass(frozen=True)
class Row:
    """One measured import: milliseconds and modules."""

    what: str
    bytecode: str
    cpu: float
    wall: float
    modules: int

    def __str__(self) -> str:
        return f"| {self.what} | {self.bytecode} | {self.cpu:.0f} ms | {self.wall:.0f} ms | {self.modules} |"


def measure(
    client: docker.DockerClient, compiled: str, example: str, folder: Path, runs: int
) -> Iterator[Row]:
    """The example's rows; `compiled` is the base with its library's bytecode, `folder` is a new one."""
    source, packages = folder / "task", folder / "packages"
    shutil.copytree(
        ROOT / "examples" / example, source, ignore=shutil.ignore_patterns("tests", "__pycache__")
    )
    lock, target = source / "requirements.lock", wheels.target_of(client, base("python"))
    shutil.copytree(wheels.resolve(lock, target, folder / "cache"), packages)
    shutil.copytree(_powertools(), packages / _POWERTOOLS, ignore=shutil.ignore_patterns("__pycache__"))
    name = f"examples/{example}"
    yield _row(client, base("python"), folder, name, _MAIN, runs, "none")
    for place in ("/opt/python", "/var/task"):
        _run(client, base("python"), folder, [*_COMPILE, place])
    yield _row(client, base("python"), folder, name, _MAIN, runs, "packages, source")
    yield _row(client, compiled, folder, name, _MAIN, runs, "all, as in the image")
    if example == "api":
        more = f"{_MAIN}; from {_POWERTOOLS} import Logger, Metrics"
        yield _row(client, compiled, folder, f"{name} with Powertools", more, runs, "all, as in the image")


def _powertools() -> Path:
    """The package of this environment: it is pure Python, so it suits the image's."""
    import aws_lambda_powertools  # noqa: PLC0415 - only to find it

    return Path(aws_lambda_powertools.__file__).parent


def _row(  # noqa: PLR0913, PLR0917 - what identifies a row
    client: docker.DockerClient, image: str, folder: Path, what: str, code: str, runs: int, bytecode: str
) -> Row:
    text = _run(client, image, folder, ["python3", "-c", _MEASURE, code, str(runs)])
    cpu, wall, modules = json.loads(text.splitlines()[-1])
    return Row(what, bytecode, cpu * 1000, wall * 1000, round(modules))


def _run(client: docker.DockerClient, image: str, folder: Path, command: list[str]) -> str:
    mounts = {
        str(folder / "packages"): {"bind": "/opt/python", "mode": "rw"},
        str(folder / "task"): {"bind": "/var/task", "mode": "rw"},
    }
    # It writes no bytecode by itself: the rows without must stay without.
    variables = {**_VARIABLES, "PYTHONDONTWRITEBYTECODE": "1"}
    run = output(
        client,
        image,
        entrypoint=command,
        volumes=mounts,
        environment=variables,
        working_dir="/var/task",
        network_mode="none",
        cpu_shares=_SHARES,
    )
    return run.decode()


@contextmanager
def _compiled(client: docker.DockerClient) -> Iterator[str]:
    """The base image with the bytecode that the API's Dockerfile makes of Python's library."""
    recipe = (ROOT / "images" / "api" / "Dockerfile").read_text()
    (run,) = re.findall(r"^RUN python3 -m compileall (?:.*\\\n)*.*stdlib.*$", recipe, re.MULTILINE)
    tag = f"{base('python').partition(':')[0]}:compiled"
    client.images.build(fileobj=io.BytesIO(f"FROM {base('python')}\n{run}\n".encode()), tag=tag)
    try:
        yield tag
    finally:
        client.images.remove(tag)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15, help="imports of each kind")
    options = parser.parse_args()
    print("| import | bytecode | processor | wall | modules |\n|---|---|---:|---:|---:|", flush=True)
    client = docker.from_env(timeout=600)
    with _compiled(client) as compiled, tempfile.TemporaryDirectory(prefix="tandem-imports-") as place:
        for example in EXAMPLES:
            for row in measure(client, compiled, example, Path(place, example), options.runs):
                print(row, flush=True)
    client.close()


if __name__ == "__main__":
    main()
