"""The ECS runner's calls to the Docker Engine, with errors worded as ECS words them."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from time import time
from typing import Any

from docker import DockerClient
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from requests.exceptions import RequestException

Json = Mapping[str, Any]
_TASK = "io.tandem.task"
_LOG_LINES = 1000  # per delivery
_FAILURES = (DockerException, RequestException, OSError)


class TaskError(Exception):
    """A task cannot go on; the text is ECS's stopped reason."""


class DockerUnavailableError(Exception):
    """Docker does not answer."""


@dataclass(frozen=True)
class PulledImage:
    """A pulled image."""

    digest: str
    volumes: tuple[str, ...]


@dataclass(frozen=True)
class ContainerEvent:
    """One of Docker's events about a container of a task; `action` in Docker's words."""

    task: str
    container: str
    action: str
    exit_code: int | None = None


@dataclass(frozen=True)
class ContainerInspection:
    """A container's state in Docker; `health` in Docker's words, empty without a health check."""

    running: bool
    exit_code: int
    address: str
    health: str
    out_of_memory: bool


def _explanation(error: Exception) -> str:
    return str(error.explanation) if isinstance(error, APIError) and error.explanation else str(error)


def _refusal(kind: str, error: Exception) -> Exception:
    """A refusal by Docker is the task's error; no answer is Docker's."""
    return (
        TaskError(f"{kind}: {_explanation(error)}")
        if isinstance(error, APIError)
        else DockerUnavailableError(_explanation(error))
    )


class DockerEngine:
    """The Docker Engine, for the tasks of one stack.

    Methods raise TaskError if Docker refuses a request, and DockerUnavailableError if it does not answer.
    """

    def __init__(self, client: DockerClient, stack: str) -> None:
        self._api: Any = client.api  # the stubs lack raw configurations and streamed events
        self._label = f"io.tandem.stack={stack}"

    def pull(self, name: str) -> PulledImage:
        """Pull the image, as Fargate does at each start; TaskError if its registry lacks it."""
        try:
            if _has_registry(name):
                # Docker does not ask the registry for a digest that it has.
                self._api.inspect_distribution(name)
                self._pull(name)
            image = self._api.inspect_image(name)
        except ImageNotFound as error:
            raise TaskError(_cannot_pull(name, "not found")) from error
        except APIError as error:
            raise TaskError(_cannot_pull(name, _explanation(error))) from error
        except _FAILURES as error:
            raise DockerUnavailableError(_explanation(error)) from error
        digests = [each.partition("@")[2] for each in image.get("RepoDigests") or ()]
        pinned_digest = name.partition("@")[2]
        digest = pinned_digest or (digests[0] if digests else image["Id"])
        return PulledImage(digest, tuple((image["Config"].get("Volumes") or {}).keys()))

    def _pull(self, name: str) -> None:
        repository, at, tag = name.partition("@")
        if not at:
            repository, _, tag = (
                name.rpartition(":") if ":" in name.rpartition("/")[2] else (name, "", "latest")
            )
        for line in self._api.pull(repository, tag=tag, stream=True, decode=True):
            if "error" in line:
                raise TaskError(_cannot_pull(name, line["error"]))

    def create(self, name: str, config: Json) -> str:
        try:
            return str(self._api.create_container_from_config(dict(config), name)["Id"])
        except _FAILURES as error:
            raise _refusal("CannotCreateContainerError", error) from error

    def start(self, container: str) -> None:
        try:
            self._api.start(container)
        except _FAILURES as error:
            raise _refusal("CannotStartContainerError", error) from error

    def inspect(self, container: str) -> ContainerInspection | None:
        """Inspect the container; None if it does not exist."""
        try:
            answer = self._api.inspect_container(container)
        except NotFound:
            return None
        except _FAILURES as error:
            raise DockerUnavailableError(_explanation(error)) from error
        networks = answer["NetworkSettings"]["Networks"] or {}
        return ContainerInspection(
            running=answer["State"]["Running"],
            exit_code=answer["State"]["ExitCode"],
            address=next((each["IPAddress"] for each in networks.values()), ""),
            health=(answer["State"].get("Health") or {}).get("Status", ""),
            out_of_memory=answer["State"].get("OOMKilled", False),
        )

    def stop(self, container: str, seconds: int) -> None:
        """Send the image's STOPSIGNAL, and SIGKILL after `seconds`."""
        try:
            self._api.stop(container, timeout=seconds)
        except NotFound:
            pass
        except _FAILURES as error:
            raise DockerUnavailableError(_explanation(error)) from error

    def remove(self, container: str) -> None:
        """Remove a container, running or not, with its anonymous volumes."""
        try:
            self._api.remove_container(container, v=True, force=True)
        except NotFound:
            pass
        except _FAILURES as error:
            raise DockerUnavailableError(_explanation(error)) from error

    def create_volume(self, name: str, labels: Mapping[str, str]) -> None:
        try:
            self._api.create_volume(name, labels=dict(labels))
        except _FAILURES as error:
            raise _refusal("CannotCreateVolumeError", error) from error

    def remove_volume(self, name: str) -> None:
        try:
            self._api.remove_volume(name, force=True)
        except NotFound:
            pass
        except _FAILURES as error:
            raise DockerUnavailableError(_explanation(error)) from error

    def remove_other_volumes(self, tasks: Collection[str]) -> None:
        """Remove the stack's task volumes except those of `tasks`."""
        try:
            volumes = self._api.volumes(filters={"label": [self._label, _TASK]})["Volumes"] or ()
        except _FAILURES as error:
            raise DockerUnavailableError(_explanation(error)) from error
        for volume in volumes:
            if volume["Labels"][_TASK] not in tasks:
                self.remove_volume(volume["Name"])

    def logs(self, container: str, since: float) -> list[str]:
        """The last output lines since a Unix time, each with its RFC 3339 timestamp."""
        try:
            text = self._api.logs(
                container, stdout=True, stderr=True, timestamps=True, tail=_LOG_LINES, since=since or None
            )
        except _FAILURES:
            return []
        return str(text.decode("utf-8", "replace")).splitlines()

    def tasks(self) -> dict[str, str]:
        """The task's id by Docker id, of all task containers of the stack."""
        filters = {"label": [self._label, _TASK]}
        try:
            containers = self._api.containers(all=True, filters=filters)
        except _FAILURES as error:
            raise DockerUnavailableError(_explanation(error)) from error
        return {each["Id"]: each["Labels"][_TASK] for each in containers}

    def events(self) -> Iterator[ContainerEvent]:
        """Stream the events of task containers from now on; ends with DockerUnavailableError."""
        filters = {"type": "container", "label": [self._label, _TASK]}
        filters["event"] = ["die", "health_status"]
        try:
            stream = self._api.events(filters=filters, since=int(time()), decode=True)
        except _FAILURES as error:
            raise DockerUnavailableError(_explanation(error)) from error
        return _events(stream)


def _events(stream: Iterator[Json]) -> Iterator[ContainerEvent]:
    try:
        for each in stream:
            yield _event(each)
    except _FAILURES as error:
        raise DockerUnavailableError(_explanation(error)) from error


def _event(raw: Json) -> ContainerEvent:
    attributes = raw["Actor"]["Attributes"]
    code = attributes.get("exitCode")
    return ContainerEvent(
        task=attributes[_TASK],
        container=attributes.get("io.tandem.container", ""),
        action=raw["Action"],
        exit_code=int(code) if code is not None else None,
    )


def _has_registry(name: str) -> bool:
    """Whether the name starts with a registry's host; local tags do not."""
    host, slash, _ = name.partition("/")
    return bool(slash) and (":" in host or "." in host or host == "localhost")


def _cannot_pull(name: str, cause: str) -> str:
    return (
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): "
        f"failed to resolve ref {name}: {cause}"
    )
