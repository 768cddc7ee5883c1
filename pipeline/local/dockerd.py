"""Make sure that a Docker Engine answers: the machine's own, or one that we start and later stop."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import docker
from docker.errors import DockerException
from requests.exceptions import RequestException

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.images.bases.apt import install_packages, is_root_on_debian

Progress = Callable[[str], None]
_START_SECONDS = 60
_STOP_SECONDS = 30
_LOG_LINES = 4
_SEARCHED = "/usr/local/sbin:/usr/sbin:/sbin"
_GUIDE = "install Docker Engine (https://docs.docker.com/engine/install) or run as root on Debian"


@dataclass(frozen=True)
class Daemon:
    """One dockerd: where it listens, where it leaves its traces. The defaults are the machine's own."""

    url: str = "unix:///var/run/docker.sock"
    runtime: Path = Path("/var/run")
    notes: Path = Path("/run/tandem")
    options: tuple[str, ...] = field(default=())

    @property
    def pid_files(self) -> tuple[Path, Path]:
        return self.runtime / "docker.pid", self.runtime / "docker" / "containerd" / "containerd.pid"

    @property
    def note(self) -> Path:
        """Says that this dockerd was started by us."""
        return self.notes / "dockerd.json"

    @property
    def log(self) -> Path:
        return self.notes / "dockerd.log"


def ensure(progress: Progress = console.info, daemon: Daemon | None = None) -> None:
    """Return once Docker answers; TandemError says what to install where it cannot be started here."""
    chosen = daemon or Daemon()
    asked = os.environ.get("DOCKER_HOST", "") if daemon is None else ""
    refusal = _refusal(asked or chosen.url)
    if refusal is None:
        return
    if asked:
        raise TandemError(f"Docker does not answer at DOCKER_HOST={asked}: {refusal}", hint="docker info")
    if "Permission denied" in refusal:
        raise TandemError(
            "Docker runs, but this user may not use it",
            hint="sudo usermod -aG docker $USER, then log in again",
        )
    if not is_root_on_debian():
        raise TandemError(
            f"Docker does not answer, and it can be started here only by root on Debian: {refusal}",
            hint=_GUIDE,
        )
    with _locked(chosen):
        # Another `make up` may have started it while we waited for the lock.
        if _refusal(chosen.url) is not None:
            _start(chosen, progress)


def stop_if_started_here(progress: Progress = console.info, daemon: Daemon | None = None) -> bool:
    """Stop the Docker Engine if we started it and nobody has a container left; whether it was stopped."""
    chosen = daemon or Daemon()
    if not chosen.note.exists():
        return False
    with _locked(chosen):
        pid = _started_pid(chosen)
        if pid is None:
            chosen.note.unlink(missing_ok=True)
            return False
        client = docker.DockerClient(base_url=chosen.url)
        try:
            if client.containers.list(all=True):
                return False
        finally:
            client.close()
        progress("stopping the Docker Engine that we started")
        os.kill(pid, signal.SIGTERM)
        _until(lambda: not _alive(pid, "dockerd"), _STOP_SECONDS)
        chosen.note.unlink(missing_ok=True)
        chosen.log.unlink(missing_ok=True)
    return True


def _refusal(url: str) -> str | None:
    """Why Docker does not answer at `url`, or None where it does."""
    try:
        client = docker.DockerClient(base_url=url, timeout=20)
        try:
            client.ping()
        finally:
            client.close()
    except (DockerException, RequestException, OSError) as error:
        return str(error)
    return None


def _start(daemon: Daemon, progress: Progress) -> None:
    if not _dockerd_path():
        install_packages(["docker.io"], progress)
        # The package's own init script may have started it.
        if _until(lambda: _refusal(daemon.url) is None, 3):
            _remember(daemon)
            return
    if Path("/run/systemd/system").is_dir() and not daemon.options:
        progress("starting the Docker Engine: systemctl start docker")
        subprocess.run(["systemctl", "start", "docker"], check=False, capture_output=True)
    else:
        progress("starting the Docker Engine")
        _launch(daemon)
    if not _until(lambda: _refusal(daemon.url) is None, _START_SECONDS):
        raise TandemError(f"dockerd does not start: {_last_lines(daemon)}", hint=f"cat {daemon.log}")


def _launch(daemon: Daemon) -> None:
    """Start dockerd in a session of its own, so that it outlives us and our terminal's Ctrl-C."""
    for file in daemon.pid_files:
        _clear(file)
    environ = {key: value for key, value in os.environ.items() if key != "DOCKER_HOST"}
    with daemon.log.open("wb") as log:
        started = subprocess.Popen(
            [_dockerd_path() or "dockerd", *daemon.options],
            env={**environ, "PATH": f"{environ.get('PATH', '')}:{_SEARCHED}"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _remember(daemon, started.pid)
    if not _until(lambda: _refusal(daemon.url) is None or started.poll() is not None, _START_SECONDS):
        return
    if started.poll() is not None:
        daemon.note.unlink(missing_ok=True)
        raise TandemError(f"dockerd does not start: {_last_lines(daemon)}", hint=f"cat {daemon.log}")


def _dockerd_path() -> str | None:
    return shutil.which("dockerd", path=f"{os.environ.get('PATH', '')}:{_SEARCHED}")


def _remember(daemon: Daemon, pid: int | None = None) -> None:
    number = pid or int(daemon.pid_files[0].read_text())
    daemon.note.write_text(json.dumps({"pid": number, "began": _began(number)}))


def _started_pid(daemon: Daemon) -> int | None:
    """The pid of the dockerd that we started, if that very process still lives."""
    try:
        note = json.loads(daemon.note.read_text())
        pid = int(note["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return pid if _alive(pid, "dockerd") and _began(pid) == note.get("began") else None


def _clear(file: Path) -> None:
    """Remove a pid file whose process is gone: dockerd refuses to start beside it."""
    try:
        pid = int(file.read_text())
    except (FileNotFoundError, ValueError):
        pid = 0
    if not _alive(pid, file.stem.replace("docker", "dockerd")):
        file.unlink(missing_ok=True)


def _stat(pid: int) -> tuple[str, list[str]]:
    """Name and the fields after it from /proc/PID/stat."""
    text = Path(f"/proc/{pid}/stat").read_text()
    return text[text.index("(") + 1 : text.rindex(")")], text[text.rindex(")") + 2 :].split()


def _alive(pid: int, name: str) -> bool:
    """Whether `pid` is a process of that name, and no zombie."""
    try:
        found, fields = _stat(pid)
    except (OSError, ValueError):
        return False
    return found == name and fields[0] not in {"Z", "X"}


def _began(pid: int) -> str:
    """When a process began, in clock ticks since boot: tells it from a later one with the same pid."""
    try:
        return _stat(pid)[1][19]
    except (OSError, ValueError):
        return ""


def _until(met: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not met():
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


def _last_lines(daemon: Daemon) -> str:
    if not daemon.log.exists():
        return "see `journalctl -u docker`"
    return " / ".join(daemon.log.read_text(errors="replace").strip().splitlines()[-_LOG_LINES:])


@contextmanager
def _locked(daemon: Daemon) -> Iterator[None]:
    daemon.notes.mkdir(parents=True, exist_ok=True)
    with (daemon.notes / "dockerd.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
