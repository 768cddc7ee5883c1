"""One task's containers on Docker: made, started, stopped, removed."""

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic

from pipeline.local.ecs.planner import container_config as body
from pipeline.local.ecs.planner import container_order as order
from pipeline.local.ecs.planner.task_definition import Container, Definition
from pipeline.local.ecs.runner.container_logs import LogGroups, Stream
from pipeline.local.ecs.runner.container_secrets import Secrets
from pipeline.local.ecs.runner.docker_engine import Engine, Image, State, TaskError
from pipeline.local.ecs.runner.target_groups import Targets


@dataclass(frozen=True)
class Surface:
    """What a task touches of the world around it."""

    engine: Engine
    targets: Targets
    secrets: Secrets
    logs: LogGroups
    network: str
    pause_image: Callable[[], str]
    name: Callable[..., str]
    labels: Callable[..., dict[str, str]]
    changed: Callable[[], None]
    """Called whenever a task's report has changed."""


@dataclass(frozen=True)
class Started:
    """A container that has just been started; `copy` are the seconds its volumes took to fill."""

    docker_id: str
    copy: float


class Vessel:
    """The Docker side of one task; used by that task's thread alone."""

    def __init__(self, surface: Surface, definition: Definition, task: str, service: str) -> None:
        self._surface = surface
        self._engine = surface.engine
        self._definition = definition
        self._task = task
        self._service = service
        self._images: dict[str, Image] = {}
        self._ids: dict[str, str] = {}
        self._streams: dict[str, Stream] = {}
        self._volumes = {name: self._name(name) for name in definition.volumes}

    def _name(self, part: str) -> str:
        return self._surface.name(self._service, self._task[:8], part)

    def _labels(self, container: str, role: str = "task") -> dict[str, str]:
        return self._surface.labels(role, task=self._task, service=self._service, container=container)

    def provision(self) -> str:
        """Make the task's network address and volumes; the address."""
        for name, docker_name in self._volumes.items():
            self._engine.create_volume(docker_name, self._labels(name))
        asked = body.pause(
            self._surface.pause_image(),
            self._surface.network,
            self._task[:12],
            self._labels(body.PAUSE, "pause"),
        )
        self._ids[body.PAUSE] = pause = self._engine.create(self._name("pause"), asked)
        self._engine.start(pause)
        state = self._engine.state(pause)
        if state is None or not state.address:
            raise TaskError("ResourceInitializationError: the task got no network address")
        return state.address

    def pull(self) -> dict[str, str]:
        """Pull all images, at once; each container's digest."""
        names = {item.image for item in self._definition.containers}
        with ThreadPoolExecutor(len(names)) as pool:
            pulled = dict(zip(names, pool.map(self._engine.pull, names), strict=True))
        self._images = {item.name: pulled[item.image] for item in self._definition.containers}
        return {name: image.digest for name, image in self._images.items()}

    def start(self, name: str) -> Started:
        item = self._definition[name]
        if item.logs is not None:
            self._streams[name] = self._surface.logs.open(item.logs, name, self._task)
        began = monotonic()
        self._ids[name] = docker_id = self._engine.create(self._name(name), self._body(item))
        copied = monotonic() - began
        self._engine.start(docker_id)
        return Started(docker_id, copied)

    def restart(self, name: str) -> None:
        self._engine.start(self._ids[name])

    def _body(self, item: Container) -> dict[str, object]:
        around = body.Surroundings(
            pause=self._ids[body.PAUSE],
            volumes=self._volumes,
            containers=self._ids,
            image_volumes=self._images[item.name].volumes,
            secrets={name: self._surface.secrets.resolve(value) for name, value in item.secrets},
            labels=self._labels(item.name),
        )
        return body.container(self._definition, item, around)

    def deliver_logs(self) -> None:
        for name in list(self._streams):
            self.deliver_log(name)

    def deliver_log(self, name: str) -> None:
        if name in self._streams and name in self._ids:
            self._streams[name].deliver(lambda since: self._engine.logs(self._ids[name], since))

    def states(self) -> dict[str, State | None]:
        """Each container that was made, as Docker sees it now."""
        return {name: self._engine.state(docker_id) for name, docker_id in self._ids.items()}

    def stop(self, running: Collection[str]) -> None:
        """Stop what runs; whoever depends on others first."""
        with ThreadPoolExecutor(max(len(running), 1)) as pool:
            for group in order.stop_order(self._definition):
                stopping = [self._definition[name] for name in group if name in running]
                list(
                    pool.map(
                        lambda item: self._engine.stop(self._ids[item.name], item.stop_timeout), stopping
                    )
                )

    def remove(self) -> None:
        """Remove containers, then the network address, then the volumes."""
        for name in [name for name in self._ids if name != body.PAUSE]:
            self._engine.remove(self._ids[name])
        if body.PAUSE in self._ids:
            self._engine.remove(self._ids[body.PAUSE])
        for volume in self._volumes.values():
            self._engine.remove_volume(volume)
