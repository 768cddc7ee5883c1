"""The stack's process: the control plane first, then scheduler, edge and functions in one loop."""

import argparse
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
from pipeline.local import cleanup, stack_status
from pipeline.local.context import ACCOUNT, REGION, StackContext
from pipeline.local.moto import ControlPlane, start_control_plane
from pipeline.local.stack import Stack, docker_client
from pipeline.local.target_health import TargetHealth

_log = logging.getLogger("tandem.serve")
_TURN = 0.25
_RETRY = 1.0
# Their owners died with the process that knew of them. The registry, and the edge, serve on.
_ORPHANS = ("task", "pause", "function")


class Part(Protocol):
    """Something that brings Docker closer to what the control plane says, a step at a time."""

    def reconcile(self) -> None:
        """Take one step; quick, and safe to repeat."""

    def close(self) -> None:
        """End."""


class Server:
    """The loop; `parts` are there once Docker and the stack's network are."""

    def __init__(self, stack: Stack, health: TargetHealth, wake: Event) -> None:
        self._stack = stack
        self._health = health
        self._wake = wake
        self._parts: list[Part] = []
        self._next_try = 0.0
        self._said: dict[str, str] = {}
        self._docker: DockerClient | None = None

    def turn(self) -> None:
        """One turn of all parts; an error in one stops neither it nor the others."""
        if not self._parts and monotonic() >= self._next_try:
            self._attach()
            self._next_try = monotonic() + _RETRY
        for part in self._parts:
            try:
                part.reconcile()
                self._said.pop(type(part).__name__, None)
            except Exception as error:  # noqa: BLE001 - the others must go on
                self._say_once(type(part).__name__, error)
        self._show()

    def _say_once(self, name: str, error: Exception) -> None:
        if self._said.get(name) != str(error):
            _log.exception("%s", name)
            self._said[name] = str(error)

    def _attach(self) -> None:
        try:
            client = self._docker = self._docker or docker_client()
            network = client.networks.get(self._stack.network)
        except (TandemError, NotFound, DockerException):
            return  # not there yet: `Stack.equip` makes it
        cleanup.remove_containers(client, self._stack.id, _ORPHANS)
        cleanup.remove_volumes(client, self._stack.id, tasks_only=True)
        gateway = network.attrs["IPAM"]["Config"][0]["Gateway"]
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
            health=self._health,
        )

    def _show(self) -> None:
        from pipeline.local.collect_status import overview  # noqa: PLC0415 - imports moto

        stack_status.write(
            self._stack.folder / "status.json", overview(self._stack, self._parts, attached=bool(self._parts))
        )

    def close(self) -> None:
        for part in reversed(self._parts):
            part.close()


def _parts(context: StackContext, wake: Event) -> list[Part]:
    # They import moto, which reads its settings then: only once the control plane is up.
    from pipeline.local.alb import LoadBalancer  # noqa: PLC0415
    from pipeline.local.awslambda import Functions  # noqa: PLC0415
    from pipeline.local.ecs.runner.scheduler import Scheduler  # noqa: PLC0415

    return [Functions(context), LoadBalancer(context), Scheduler(context, wake)]


def run(stack: Stack) -> int:
    """Serve until told to end; at once if another process serves this stack already."""
    with stack.lock.held() as held:
        if not held:
            return 0
        (stack.folder / "status.json").unlink(missing_ok=True)  # what an earlier process wrote
        ended, wake = Event(), Event()

        def end(*_: object) -> None:
            ended.set()
            wake.set()

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
        health = TargetHealth()
        plane = _control(stack, health)
        stack.lock.announce(plane.port)
        _log.info("control plane on port %d", plane.port)
        server = Server(stack, health, wake)
        while not ended.is_set():
            server.turn()
            wake.wait(_TURN)
            wake.clear()
        server.close()
        plane.stop()
        _log.info("ended")
    return 0


def _control(stack: Stack, health: TargetHealth) -> ControlPlane:
    """On the port of last time if it is free, so that variables in open shells stay right."""
    try:
        plane = start_control_plane(stack.control_port, health)
    except TandemError:
        plane = start_control_plane(0, health)
    stack.keep_control_port(plane.port)
    return plane


def main() -> int:
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
    ended = main()
    logging.shutdown()
    # Threads may still wait for Docker; there is nothing left that they could do.
    os._exit(ended)
