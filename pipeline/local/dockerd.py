"""Make sure that a Docker Engine answers: the machine's own, or one that Tandem starts and later stops."""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import docker
from docker.errors import DockerException
from filelock import FileLock
from requests.exceptions import RequestException

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.json_text import parse_json
from pipeline.images.bases.apt import install_packages, is_root_on_debian
from pipeline.local.engine_hold import held, unless_held
from pipeline.local.engine_process import is_alive, start_time
from pipeline.local.waiting import wait_until

Progress = Callable[[str], None]
_START_SECONDS = 60
_STOP_SECONDS = 30
_ENDING_SECONDS = 5
_POLL = 0.2
_LOG_LINES = 4
_SEARCHED = "/usr/local/sbin:/usr/sbin:/sbin"
_GUIDE = "install Docker Engine (https://docs.docker.com/engine/install) or run as root on Debian"


@dataclass(frozen=True)
class Daemon:
    """One dockerd: its socket, folders and options. The defaults are those of the machine's own."""

    url: str = "unix:///var/run/docker.sock"
    runtime: Path = Path("/var/run")
    """The folder with dockerd's and containerd's pid files."""
    notes: Path = Path("/run/tandem")
    """The folder with Tandem's record, log and locks of this dockerd."""
    options: tuple[str, ...] = field(default=())

    @property
    def pid_files(self) -> tuple[Path, Path]:
        return self.runtime / "docker.pid", self.runtime / "docker" / "containerd" / "containerd.pid"

    @property
    def record(self) -> Path:
        """The record of a dockerd that Tandem started: its pid and start time."""
        return self.notes / "dockerd.json"

    @property
    def log(self) -> Path:
        return self.notes / "dockerd.log"

    @property
    def hold(self) -> Path:
        """The file that processes lock to keep this dockerd."""
        return self.notes / "dockerd.hold"


def ensure(progress: Progress = console.info, daemon: Daemon | None = None) -> None:
    """Return once Docker answers; start it if it does not.

    Raises:
        TandemError: Docker does not answer and cannot be started here.
    """
    engine = daemon or Daemon()
    host = os.environ.get("DOCKER_HOST", "") if daemon is None else ""
    problem = _connection_error(host or engine.url)
    if problem is None:
        return
    if host:
        raise TandemError(f"Docker does not answer at DOCKER_HOST={host}: {problem}", hint="docker info")
    if "Permission denied" in problem:
        raise TandemError(
            "Docker runs, but this user may not use it",
            hint="sudo usermod -aG docker $USER, then log in again",
        )
    if not is_root_on_debian():
        raise TandemError(
            f"Docker does not answer, and it can be started here only by root on Debian: {problem}",
            hint=_GUIDE,
        )
    with _lock(engine):
        # Another command may have started it while this one waited for the lock.
        if _connection_error(engine.url) is not None:
            _start(engine, progress)


@contextmanager
def lasting_engine(progress: Progress = console.info, daemon: Daemon | None = None) -> Iterator[None]:
    """A Docker Engine that answers, and that no `down` stops during the block.

    At the end it is stopped, as by a `down`.

    Raises:
        TandemError: Docker does not answer and cannot be started here.
    """
    with held((daemon or Daemon()).hold):
        ensure(progress, daemon)
        yield
    stop_if_started_here(progress, daemon)


def stop_if_started_here(progress: Progress = console.info, daemon: Daemon | None = None) -> bool:
    """Stop the Docker Engine if Tandem started it, it has no container, and no process holds it.

    Returns whether it was stopped.
    """
    engine = daemon or Daemon()
    if not engine.record.exists():
        return False
    if not os.access(engine.record, os.W_OK):
        progress("the Docker Engine stays: another user's `tandem up` started it")
        return False
    with _lock(engine), unless_held(engine.hold) as free:
        if not free:
            return False
        pid = _started_pid(engine)
        if pid is None:
            engine.record.unlink(missing_ok=True)
            return False
        client = docker.DockerClient(base_url=engine.url)
        try:
            # Their names only: one that ends meanwhile could not be looked at.
            if client.api.containers(all=True):
                return False
        finally:
            client.close()
        progress("stopping the Docker Engine that Tandem started")
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not is_alive(pid, "dockerd"), _STOP_SECONDS, every=_POLL)
        engine.record.unlink(missing_ok=True)
        engine.log.unlink(missing_ok=True)
    return True


def _connection_error(url: str) -> str | None:
    """The reason why Docker does not answer at `url`; None if it answers."""
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
        if wait_until(lambda: _connection_error(daemon.url) is None, 3, every=_POLL):
            _write_record(daemon)
            return
    if Path("/run/systemd/system").is_dir() and not daemon.options:
        progress("starting the Docker Engine: systemctl start docker")
        subprocess.run(["systemctl", "start", "docker"], check=False, capture_output=True)
    else:
        progress("starting the Docker Engine")
        _spawn(daemon)
    if not wait_until(lambda: _connection_error(daemon.url) is None, _START_SECONDS, every=_POLL):
        raise TandemError(f"dockerd does not start: {_last_lines(daemon)}", hint=f"cat {daemon.log}")


def _spawn(daemon: Daemon) -> None:
    """Start dockerd in a session of its own, so that it outlives this process and the terminal's Ctrl-C."""
    for file in daemon.pid_files:
        _remove_stale(file)
    environ = {key: value for key, value in os.environ.items() if key != "DOCKER_HOST"}
    with daemon.log.open("wb") as log:
        process = subprocess.Popen(
            [_dockerd_path() or "dockerd", *daemon.options],
            env={**environ, "PATH": f"{environ.get('PATH', '')}:{_SEARCHED}"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _write_record(daemon, process.pid)
    if not wait_until(
        lambda: _connection_error(daemon.url) is None or process.poll() is not None,
        _START_SECONDS,
        every=_POLL,
    ):
        return
    if process.poll() is not None:
        daemon.record.unlink(missing_ok=True)
        raise TandemError(f"dockerd does not start: {_last_lines(daemon)}", hint=f"cat {daemon.log}")


def _dockerd_path() -> str | None:
    return shutil.which("dockerd", path=f"{os.environ.get('PATH', '')}:{_SEARCHED}")


def _write_record(daemon: Daemon, pid: int | None = None) -> None:
    number = pid or int(daemon.pid_files[0].read_text())
    daemon.record.write_text(json.dumps({"pid": number, "began": start_time(number)}))


def _started_pid(daemon: Daemon) -> int | None:
    """The pid of the dockerd that Tandem started, if that process still runs."""
    try:
        record = parse_json(daemon.record.read_text())
        pid = int(record["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return pid if is_alive(pid, "dockerd") and start_time(pid) == record.get("began") else None


def _remove_stale(file: Path) -> None:
    """Remove a pid file without a process, with which dockerd would not start.

    The kernel ends containerd after a dockerd that was killed. The next dockerd would take one that is still
    ending for one that runs, and wait for its answer in vain.
    """
    try:
        pid = int(file.read_text())
    except (FileNotFoundError, ValueError):
        pid = 0
    name = file.stem.replace("docker", "dockerd")
    if wait_until(lambda: not is_alive(pid, name), _ENDING_SECONDS, every=_POLL):
        file.unlink(missing_ok=True)


def _last_lines(daemon: Daemon) -> str:
    if not daemon.log.exists():
        return "see `journalctl -u docker`"
    return " / ".join(daemon.log.read_text(errors="replace").strip().splitlines()[-_LOG_LINES:])


def _lock(daemon: Daemon) -> FileLock:
    daemon.notes.mkdir(parents=True, exist_ok=True)
    return FileLock(daemon.notes / "dockerd.lock")
