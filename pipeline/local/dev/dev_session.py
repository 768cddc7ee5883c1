"""What one site beside the stack needs: a lock, a network, a folder and a port; all gone when it ends."""

import shutil
import signal
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from docker import DockerClient
from docker.errors import DockerException, NotFound
from requests.exceptions import RequestException

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.private_files import private_folder
from pipeline.core.settings import Project
from pipeline.images.bases.provide import Bases
from pipeline.local import cleanup, dockerd, networks
from pipeline.local.context import LABEL
from pipeline.local.dev.front import HOST, listen
from pipeline.local.server_lock import ProcessLock
from pipeline.local.stack import Stack, docker_client

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class DevSession:
    """One site's names and clients; `kind` is `dev`, `api` or `preview`, of which a project has one each."""

    project: Project
    kind: str
    client: DockerClient
    listener: socket.socket
    gateway: str
    """This machine's address on the site's network."""

    @property
    def stack(self) -> str:
        return Stack.of(self.project).id

    @property
    def network(self) -> str:
        return _network(self.project, self.kind)

    @property
    def labels(self) -> Mapping[str, str]:
        """By these `tandem down` finds what a killed process left, too."""
        return _labels(self.project, self.kind)

    @property
    def folder(self) -> Path:
        return _folder(self.project, self.kind)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.listener.getsockname()[1]}"

    def tag(self, name: str) -> str:
        """The local tag of an image that the site builds."""
        return f"{_prefix(self.project, self.kind)}{name}:work-tree"

    def bases(self, *names: str) -> dict[str, str]:
        """The local tags of base images; TandemError if one can be neither pulled nor built."""
        return Bases.ensure(self.project, self.stack, names=names)


@contextmanager
def dev_session(project: Project, kind: str, port: int, *needed: str) -> Iterator[DevSession]:
    """A session for the block, which Ctrl-C ends like its own end; nothing of it stays.

    Raises:
        TandemError: a package of `needed` is missing, another one runs, the port is taken, or Docker fails.
    """
    _require_packages(needed)
    lock = ProcessLock(project.state / f"{kind}.lock")
    with lock.held() as is_held:
        if not is_held:
            raise _runs_already(kind, lock)
        with listen(port, project.settings.local.port + 1) as listener:
            lock.announce(listener.getsockname()[1])
            dockerd.ensure()
            client = docker_client()
            try:
                with _ended_by_signals():
                    _remove_all(project, kind, client)  # what a killed process left
                    private_folder(_folder(project, kind))
                    network = networks.ensure(client, _network(project, kind), _labels(project, kind))
                    yield DevSession(project, kind, client, listener, networks.gateway(network))
            except KeyboardInterrupt:
                console.info("ended")
            finally:
                with _uninterrupted():
                    _remove_all(project, kind, client)


def _require_packages(needed: tuple[str, ...]) -> None:
    missing = [name for name in ("uvicorn", *needed) if find_spec(name) is None]
    if missing:
        raise TandemError(f"this needs {' and '.join(missing)}", hint="pip install 'tandem[dev]'")


def _runs_already(kind: str, lock: ProcessLock) -> TandemError:
    holder = lock.holder()
    where = f" at http://{HOST}:{holder.port}" if holder else ""
    pid = f"kill {holder.pid}" if holder else f"tandem {kind} --help"
    return TandemError(f"tandem {kind} runs already for this project{where}", hint=f"end it first: {pid}")


def _remove_all(project: Project, kind: str, client: DockerClient) -> None:
    """Remove containers, network, images and files of this kind."""
    try:
        cleanup.remove_containers(client, Stack.of(project).id, [kind])
        with suppress(NotFound):
            client.networks.get(_network(project, kind)).remove()
        cleanup.remove_images(client, [_prefix(project, kind)])
    except (DockerException, RequestException, OSError) as error:
        console.info(f"not everything was removed from Docker: {error}; tandem down does it", style="yellow")
    shutil.rmtree(_folder(project, kind), ignore_errors=True)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let a closed terminal and SIGTERM end the block as Ctrl-C does."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let a second Ctrl-C not end the removal."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _labels(project: Project, kind: str) -> dict[str, str]:
    return {f"{LABEL}.stack": Stack.of(project).id, f"{LABEL}.role": kind}


def _network(project: Project, kind: str) -> str:
    return f"tandem-{Stack.of(project).id}-{kind}"


def _prefix(project: Project, kind: str) -> str:
    return f"tandem-{Stack.of(project).id}/{kind}-"


def _folder(project: Project, kind: str) -> Path:
    # With a dot, which no environment's name has: the folder is deleted, and an environment may be named dev.
    return project.state / f"site.{kind}"
