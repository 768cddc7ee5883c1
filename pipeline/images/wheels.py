"""Install a source's locked requirements on this machine, for the image's Python and platform."""

import hashlib
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import docker
from docker.errors import DockerException

from pipeline.core.child_process import ChildTimeoutError, Limits, run_child
from pipeline.core.errors import TandemError
from pipeline.core.plain_text import plain
from pipeline.core.private_files import private_folder
from pipeline.images.lock_file import LOCK, LOCK_COMMAND, read_lock
from pipeline.images.pip_settings import pip_environment

_PROBE = "import platform, sys; print(*sys.version_info[:2], platform.machine(), *platform.libc_ver())"
_PROBE_SECONDS = 60
_OLDEST_GLIBC = 5
_LAST_LINES = 4
_INSTALL = Limits(total=1800)
_QUERY = re.compile(r"\?[^\s'\"]+")
"""pip shows an address without its host; an index signs those of its packages."""


@dataclass(frozen=True)
class WheelTarget:
    """What wheels must match: Python's version, the machine, and glibc's version (2.x)."""

    python: str
    machine: str
    glibc: int

    @property
    def platforms(self) -> Iterator[str]:
        """Wheel platform tags, best first."""
        for minor in range(self.glibc, _OLDEST_GLIBC - 1, -1):
            yield f"manylinux_2_{minor}_{self.machine}"
        yield from (f"{old}_{self.machine}" for old in ("manylinux2014", "manylinux2010", "manylinux1"))


def target_of(client: docker.DockerClient, image: str) -> WheelTarget:
    """The target that the base image is, read by running Python in it.

    Raises:
        TandemError: The image has no Python on glibc, or Docker does not answer.
    """
    try:
        major, minor, machine, *libc = _output(client, image, ["python3", "-c", _PROBE]).split()
        return WheelTarget(f"{major}.{minor}", machine, int(libc[1].split(".")[1]))
    except (DockerException, ValueError, IndexError) as error:
        raise TandemError(
            f"base image {image} has no Python on glibc to build the API on: {error}",
            hint="use an image of Debian's Python",
        ) from error


def _output(client: docker.DockerClient, image: str, command: list[str]) -> str:
    """The output of one command; `containers.run` would leave a container behind that does not start."""
    container = client.containers.create(image, entrypoint=command, network_mode="none")
    try:
        container.start()
        container.wait(timeout=_PROBE_SECONDS)
        return str(container.logs(stderr=False).decode())
    finally:
        container.remove(force=True, v=True)


def resolve(lock: Path, target: WheelTarget, cache: Path) -> Path:
    """The folder in `cache` with the packages of `lock`; pip checks the hash of every wheel.

    pip runs here and not in the build: behind a company's proxy a build container often has neither the
    certificate nor the route to the package index. A copy also builds offline. pip gets the packages that
    `read_lock` found, not the commit's file; it takes wheels only, whose installation runs no code of theirs.

    Raises:
        TandemError: The lock file is missing or invalid, or pip cannot install a package.
    """
    requirements = "".join(f"{requirement}\n" for requirement in read_lock(lock))
    key = hashlib.sha256(f"{target}\0{requirements}".encode()).hexdigest()[:16]
    packages = cache / key
    if not packages.is_dir():
        private_folder(cache)
        aside = Path(tempfile.mkdtemp(prefix=f".{key}-", dir=cache))
        try:
            _install(requirements, target, aside)
            _publish(aside / "packages", packages)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    return packages


def _publish(folder: Path, packages: Path) -> None:
    try:
        folder.rename(packages)
    except OSError:
        # Another build installed the same packages first.
        if not packages.is_dir():
            raise


def command(lock: Path, target: WheelTarget, into: Path) -> list[str]:
    """The pip command; the index and its certificates come from the environment."""
    return [
        *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"),
        *("--require-hashes", "--no-deps", "--only-binary=:all:", "--no-compile", "--no-cache-dir"),
        *("--implementation=cp", f"--python-version={target.python}"),
        *(f"--platform={platform}" for platform in target.platforms),
        *("--target", str(into), "--requirement", str(lock)),
    ]


def _install(requirements: str, target: WheelTarget, folder: Path) -> None:
    """Install into `folder`/packages; pip's home is another new folder in `folder`."""
    lock, home, into = folder / LOCK, folder / "home", folder / "packages"
    lock.write_text(requirements, encoding="ascii")
    home.mkdir()
    try:
        pip = run_child(command(lock, target, into), env=pip_environment(home), limits=_INSTALL, cwd=home)
    except ChildTimeoutError as error:
        raise TandemError(f"cannot resolve {LOCK}: pip has {error}", hint="pip config list") from error
    if pip.returncode:
        raise _explain(pip.stderr.decode(errors="replace"), target)
    # The scripts call this machine's Python.
    shutil.rmtree(into / "bin", ignore_errors=True)


def _explain(stderr: str, target: WheelTarget) -> TandemError:
    stderr = _QUERY.sub("?…", plain(stderr))
    lines = [line.removeprefix("ERROR: ") for line in stderr.strip().splitlines() if line.strip()]
    last = " / ".join(lines[-_LAST_LINES:])
    what = f"cannot resolve {LOCK} for Python {target.python} on {target.machine}"
    if "No space left" in stderr:
        return TandemError(f"{what}: the disk is full", hint="df -h .")
    if "DO NOT MATCH THE HASHES" in stderr:
        return TandemError(
            f"{what}: a package is not the one that was locked: {last}",
            hint=LOCK_COMMAND,
        )
    if "No module named pip" in stderr:
        return TandemError(
            f"{what}: pip is not installed for {sys.executable}", hint="apt-get install python3-pip"
        )
    return TandemError(f"{what}: {last}", hint=f"check {LOCK}, and pip's index settings (pip config list)")
