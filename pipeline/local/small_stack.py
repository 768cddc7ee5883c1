"""A small stack in this process, for measurements: control plane, ECS scheduler and load balancer.

It runs the code of the local stack, on Docker objects of its own: a stack that runs beside it is not touched.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from typing import TYPE_CHECKING

from docker.errors import DockerException

from pipeline.core.errors import TandemError
from pipeline.core.settings import Project
from pipeline.local import cleanup, networks
from pipeline.local.context import ACCOUNT, LABEL, REGION, StackContext
from pipeline.local.ecs.planner.task_state import TaskState
from pipeline.local.moto import start_control_plane
from pipeline.local.pull_log import PullLog
from pipeline.local.stack import docker_client
from pipeline.local.stack_ports import free_port
from pipeline.local.target_health import TargetHealthState

if TYPE_CHECKING:
    from pipeline.local.ecs.runner.scheduler import Scheduler
    from pipeline.local.ecs.runner.service_runner import ServiceRunner
    from pipeline.local.server import StackPart

_log = logging.getLogger(__name__)
_TURN = 0.25
"""Seconds between two turns, as in the stack's server."""


@dataclass(frozen=True)
class SmallStack:
    """A running small stack."""

    port: int
    """The load balancer's port on 127.0.0.1."""
    environ: Mapping[str, str]
    """The variables that lead boto3 to its control plane."""
    pulls: PullLog
    _context: StackContext
    _scheduler: "Scheduler"

    def tasks(self, service: str) -> list[TaskState]:
        """The states of a service's tasks that have not stopped."""
        return [task.state for runner in self._runners(service) for task in list(runner.tasks.values())]

    def stopped(self, service: str) -> list[TaskState]:
        """The last states of a service's tasks that have stopped, oldest first."""
        return [state for runner in self._runners(service) for state in list(runner.stopped)]

    def healthy_targets(self, group: str) -> int:
        """How many targets of the target group are healthy."""
        states = self._context.health.of(group).values()
        return sum(each.state is TargetHealthState.HEALTHY for each in states)

    def remove_images(self, beginning: str) -> int:
        """Remove the images whose names begin with that from Docker; how many names."""
        return cleanup.remove_images(self._context.docker, [beginning])

    def _runners(self, service: str) -> list["ServiceRunner"]:
        return [runner for runner in self._scheduler.runners() if runner.desired.name == service]


@contextmanager
def small_stack(project: Project, stack: str, *, pause: str, haproxy: str) -> Iterator[SmallStack]:
    """A small stack with the id `stack`, whose Docker objects are removed after the block.

    `project` is a folder for its files; `pause` and `haproxy` are the tags of base images. What an earlier
    one with this id left behind is removed first.

    Raises:
        TandemError: Docker does not answer, or refuses a part of it.
    """
    client, pulls = docker_client(), PullLog()
    cleanup.remove_all(client, stack)
    pulls.attach(client)
    control_plane = start_control_plane()
    try:
        network = networks.ensure(client, f"tandem-{stack}", {f"{LABEL}.stack": stack})
        context = StackContext(
            stack=stack,
            project=project,
            network=str(network.name),
            gateway=networks.gateway(network),
            docker=client,
            account=ACCOUNT,
            region=REGION,
            health=control_plane.health,
        )
        with _running(context, pause, haproxy) as (scheduler, port):
            yield SmallStack(port, control_plane.environ(), pulls, context, scheduler)
    except DockerException as error:
        raise TandemError(f"Docker refuses a part of the small stack: {error}", hint="docker info") from error
    finally:
        control_plane.stop()
        cleanup.remove_all(client, stack)
        client.close()


@contextmanager
def _running(context: StackContext, pause: str, haproxy: str) -> Iterator[tuple["Scheduler", int]]:
    """The parts, each taking its steps in a thread until the block ends."""
    # moto reads its settings at import: after the control plane has set them.
    from pipeline.local.alb import LoadBalancer  # noqa: PLC0415
    from pipeline.local.alb.haproxy import HAProxy  # noqa: PLC0415
    from pipeline.local.ecs.runner.scheduler import Scheduler  # noqa: PLC0415

    wake, end, port = Event(), Event(), free_port()
    balancer = LoadBalancer(context, HAProxy(context, port, haproxy))
    scheduler = Scheduler(context, wake, pause_image=lambda: pause)
    thread = Thread(target=_turns, args=((balancer, scheduler), wake, end), name="small-stack", daemon=True)
    thread.start()
    try:
        yield scheduler, port
    finally:
        end.set()
        wake.set()
        thread.join()
        scheduler.close()
        balancer.close()


def _turns(parts: tuple["StackPart", ...], wake: Event, end: Event) -> None:
    while not end.is_set():
        for part in parts:
            try:
                part.reconcile()
            except Exception:  # noqa: BLE001 - the other part must continue
                _log.exception("%s", type(part).__name__)
        wake.wait(_TURN)
        wake.clear()
