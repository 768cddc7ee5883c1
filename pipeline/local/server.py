"""The stack's server process: the control plane, then ECS, load balancer and functions in one loop."""

import argparse
import faulthandler
import logging
import os
import signal
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Protocol

from docker import DockerClient
from docker.errors import DockerException, NotFound

from pipeline.core.errors import TandemError
from pipeline.core.settings import load
from pipeline.local import cleanup, networks, stack_status
from pipeline.local.context import ACCOUNT, REGION, StackContext
from pipeline.local.moto import ControlPlane, start_control_plane
from pipeline.local.server_start import START_SECONDS
from pipeline.local.stack import Stack, docker_client
from pipeline.local.stack_status import StackStatus
from pipeline.local.target_health import TargetHealth

_log = logging.getLogger("tandem.serve")
_TURN = 0.25
_RETRY = 1.0
# Roles of containers that only the ended process could manage; registry and load balancer keep running.
_ORPHANS = ("task", "pause", "function")


class StackPart(Protocol):
    """A part of the stack that brings Docker closer to the control plane's state, one step at a time."""

    def reconcile(self) -> None:
        """Take one step; returns soon and may be repeated."""

    def close(self) -> None:
        """End the part."""


class Server:
    """The loop over the stack's parts, which start once Docker and the stack's network exist."""

    def __init__(self, stack: Stack, control_plane: ControlPlane, wake: Event) -> None:
        self._stack = stack
        self._control_plane = control_plane
        self._wake = wake
        self._parts: list[StackPart] = []
        self._next_try = 0.0
        self._logged: dict[str, str] = {}
        self._docker: DockerClient | None = None

    def turn(self) -> None:
        """Let each part take one step; an error in one stops neither it nor the others."""
        if not self._parts and monotonic() >= self._next_try:
            self._start_parts()
            self._next_try = monotonic() + _RETRY
        for part in self._parts:
            try:
                part.reconcile()
                self._logged.pop(type(part).__name__, None)
            except Exception as error:  # noqa: BLE001 - the other parts must continue
                self._log_once(type(part).__name__, error)
        self._write_status()

    def _log_once(self, name: str, error: Exception) -> None:
        if self._logged.get(name) != str(error):
            _log.exception("%s", name)
            self._logged[name] = str(error)

    def _start_parts(self) -> None:
        try:
            client = self._docker = self._docker or docker_client()
            network = client.networks.get(self._stack.network)
        except (TandemError, NotFound, DockerException):
            return  # `Stack.ensure_docker_parts` creates the network
        cleanup.remove_containers(client, self._stack.id, _ORPHANS)
        cleanup.remove_volumes(client, self._stack.id, tasks_only=True)
        gateway = networks.gateway(network)
        self._parts = _parts(self._context(client, gateway), self._wake)

    def _context(self, client: DockerClient, gateway: str) -> StackContext:
        return StackContext(
            stack=self._stack.id,
            project=self._stack.project,
            network=self._stack.network,
            gateway=gateway,
            docker=client,
            account=ACCOUNT,
            region=REGION,
            health=self._control_plane.health,
            aws_endpoint=self._control_plane.listen(gateway),
        )

    def _write_status(self) -> None:
        status = StackStatus(
            stack=self._stack.id,
            running=True,
            url=self._stack.url,
            registry=self._stack.registry_host,
            docker=bool(self._parts),
        )
        stack_status.write(self._stack.folder / "status.json", status)

    def close(self) -> None:
        for part in reversed(self._parts):
            part.close()


def _parts(context: StackContext, wake: Event) -> list[StackPart]:
    # Imported late: importing moto takes a second, and the control plane answers first.
    from pipeline.local.alb import LoadBalancer  # noqa: PLC0415
    from pipeline.local.awslambda import Functions  # noqa: PLC0415
    from pipeline.local.ecs.runner.scheduler import Scheduler  # noqa: PLC0415
    from pipeline.local.published_releases import PublishedReleases  # noqa: PLC0415

    return [Functions(context), LoadBalancer(context), Scheduler(context, wake), PublishedReleases(context)]


def run(stack: Stack) -> int:
    """Serve until SIGTERM or SIGINT; returns at once if another process serves this stack. The exit code."""
    with stack.lock.held() as is_held:
        if not is_held:
            _log.info("another process serves this stack")
            return 0
        # A start that hangs says where, in the log that the starter's error names.
        faulthandler.dump_traceback_later(START_SECONDS - 5)
        _ = stack.ports.registry  # the earlier process's status may be all that tells it
        (stack.folder / "status.json").unlink(missing_ok=True)
        stopping, wake = Event(), Event()

        def end(*_: object) -> None:
            stopping.set()
            wake.set()

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
        control_plane = _start_control_plane(stack, TargetHealth())
        stack.lock.announce(control_plane.port)
        faulthandler.cancel_dump_traceback_later()
        _log.info("control plane on port %d", control_plane.port)
        server = Server(stack, control_plane, wake)
        while not stopping.is_set():
            server.turn()
            wake.wait(_TURN)
            wake.clear()
        server.close()
        control_plane.stop()
        _log.info("ended")
    return 0


def _start_control_plane(stack: Stack, health: TargetHealth) -> ControlPlane:
    """With the previous keys, on the previous port if it is free: so variables in open shells stay valid."""
    keys = stack.credentials.ensure()
    try:
        control_plane = start_control_plane(stack.ports.control_plane, health, keys)
    except TandemError:
        control_plane = start_control_plane(0, health, keys)
    stack.ports.keep_control_plane(control_plane.port)
    return control_plane


def main() -> int:
    """Parse the arguments and serve; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--project", type=Path, required=True, help="folder with tandem.toml")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    try:
        return run(Stack.of(load(parser.parse_args().project)))
    except TandemError as error:
        _log.error("%s", error.message)
        return 1


if __name__ == "__main__":
    exit_code = main()
    logging.shutdown()
    # Do not wait for threads that still wait for Docker.
    os._exit(exit_code)
