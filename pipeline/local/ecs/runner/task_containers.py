"""Create, start, stop and remove one task's containers on Docker."""

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from pipeline.local.ecs.planner import container_config, container_order
from pipeline.local.ecs.planner.task_definition import ContainerDefinition, TaskDefinition
from pipeline.local.ecs.runner.container_logs import ContainerLogStream, LogGroups
from pipeline.local.ecs.runner.container_secrets import ContainerSecrets
from pipeline.local.ecs.runner.docker_engine import ContainerInspection, DockerEngine, PulledImage, TaskError
from pipeline.local.ecs.runner.environment_files import EnvironmentFiles
from pipeline.local.ecs.runner.target_groups import TargetGroups
from pipeline.local.ecs.runner.task_roles import TaskRoles

if TYPE_CHECKING:
    from pipeline.local.moto.role_sessions import RoleSession


@dataclass(frozen=True)
class TaskClients:
    """The clients that a task runner uses: Docker, target groups, secrets, logs, and the stack's names."""

    engine: DockerEngine
    targets: TargetGroups
    secrets: ContainerSecrets
    environment_files: EnvironmentFiles
    roles: TaskRoles
    logs: LogGroups
    network: str
    pause_image: Callable[[], str]
    name: Callable[..., str]
    labels: Callable[..., dict[str, str]]
    changed: Callable[[], None]
    """Called after each change of a task's state."""


@dataclass(frozen=True)
class StartedContainer:
    """A started container; `copy` are the seconds in which Docker filled its volumes."""

    docker_id: str
    copy: float


class TaskContainers:
    """One task's containers; only that task's thread uses them."""

    def __init__(self, clients: TaskClients, definition: TaskDefinition, task: str, service: str) -> None:
        self._clients = clients
        self._engine = clients.engine
        self._definition = definition
        self._task = task
        self._service = service
        self._images: dict[str, PulledImage] = {}
        self._ids: dict[str, str] = {}
        self._streams: dict[str, ContainerLogStream] = {}
        self._volumes = {name: self._name(name) for name in definition.volumes}
        self._role: RoleSession | None = None

    def _name(self, part: str) -> str:
        return self._clients.name(self._service, self._task[:8], part)

    def _labels(self, container: str, role: str = "task") -> dict[str, str]:
        return self._clients.labels(role, task=self._task, service=self._service, container=container)

    def provision(self) -> str:
        """Assume the task role, create the task's volumes and pause container; the task's IP address.

        Raises:
            TaskError: Docker refuses one of them, or gives no address.
            DockerUnavailableError: Docker does not answer.
        """
        self._role = self._clients.roles.open(self._definition.role, self._task)
        for name, docker_name in self._volumes.items():
            self._engine.create_volume(docker_name, self._labels(name))
        config = container_config.pause_container(
            self._clients.pause_image(),
            self._clients.network,
            self._task[:12],
            self._labels(container_config.PAUSE_CONTAINER, "pause"),
        )
        self._ids[container_config.PAUSE_CONTAINER] = pause = self._engine.create(self._name("pause"), config)
        self._engine.start(pause)
        state = self._engine.inspect(pause)
        if state is None or not state.address:
            raise TaskError("ResourceInitializationError: the task got no network address")
        return state.address

    def pull(self) -> dict[str, str]:
        """Pull all images in parallel; the image digest by container name.

        Raises:
            TaskError: an image cannot be pulled.
            DockerUnavailableError: Docker does not answer.
        """
        images = {item.image for item in self._definition.containers}
        with ThreadPoolExecutor(len(images)) as pool:
            pulled = dict(zip(images, pool.map(self._engine.pull, images), strict=True))
        self._images = {item.name: pulled[item.image] for item in self._definition.containers}
        return {name: image.digest for name, image in self._images.items()}

    def start(self, name: str) -> StartedContainer:
        """Create and start one container.

        Raises:
            TaskError: its log group or a secret is missing, or Docker refuses it.
            DockerUnavailableError: Docker does not answer.
        """
        item = self._definition[name]
        if item.logs is not None:
            self._streams[name] = self._clients.logs.open(item.logs, name, self._task)
        began = monotonic()
        self._ids[name] = docker_id = self._engine.create(self._name(name), self._config(item))
        copied = monotonic() - began
        self._engine.start(docker_id)
        return StartedContainer(docker_id, copied)

    def restart(self, name: str) -> None:
        self._engine.start(self._ids[name])

    def _config(self, item: ContainerDefinition) -> dict[str, object]:
        context = container_config.ContainerContext(
            pause=self._ids[container_config.PAUSE_CONTAINER],
            volumes=self._volumes,
            containers=self._ids,
            image_volumes=self._images[item.name].volumes,
            secrets={name: self._clients.secrets.resolve(value) for name, value in item.secrets},
            labels=self._labels(item.name),
            file_environment=self._clients.environment_files.read(item.environment_files),
            access=self._clients.roles.environ(self._role),
        )
        return container_config.task_container(self._definition, item, context)

    def deliver_logs(self) -> None:
        """Copy the new output of all containers to CloudWatch Logs."""
        for name in list(self._streams):
            self.deliver_log(name)

    def deliver_log(self, name: str) -> None:
        if name in self._streams and name in self._ids:
            self._streams[name].deliver(lambda since: self._engine.logs(self._ids[name], since))

    def inspect_all(self) -> dict[str, ContainerInspection | None]:
        """Inspect each created container; None for one that is gone."""
        return {name: self._engine.inspect(docker_id) for name, docker_id in self._ids.items()}

    def stop(self, running: Collection[str]) -> None:
        """Stop the running containers; one that depends on others stops before them."""
        with ThreadPoolExecutor(max(len(running), 1)) as pool:
            for group in container_order.stop_order(self._definition):
                stopping = [self._definition[name] for name in group if name in running]
                list(
                    pool.map(
                        lambda item: self._engine.stop(self._ids[item.name], item.stop_timeout), stopping
                    )
                )

    def stop_all(self) -> dict[str, ContainerInspection | None]:
        """Stop all containers but the pause container, copy their last output, and inspect them."""
        running = [name for name, state in self.inspect_all().items() if state and state.running]
        self.stop([name for name in running if name != container_config.PAUSE_CONTAINER])
        self.deliver_logs()
        inspections = self.inspect_all()
        inspections.pop(container_config.PAUSE_CONTAINER, None)
        return inspections

    def remove(self) -> None:
        """Refuse the role's keys; remove the containers, then the pause container, then the volumes."""
        self._clients.roles.close(self._role)
        for name in [name for name in self._ids if name != container_config.PAUSE_CONTAINER]:
            self._engine.remove(self._ids[name])
        if container_config.PAUSE_CONTAINER in self._ids:
            self._engine.remove(self._ids[container_config.PAUSE_CONTAINER])
        for volume in self._volumes.values():
            self._engine.remove_volume(volume)
