"""The scheduler's one way to Docker: short calls, and errors in ECS's words."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from time import time
from typing import Any

from docker import DockerClient
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from requests.exceptions import RequestException

Body = Mapping[str, Any]
_TASK = "io.tandem.task"
_LOG_LINES = 1000  # at most so many lines are delivered at a time
_FAILURES = (DockerException, RequestException, OSError)


class TaskError(Exception):
    """A task cannot go on; the text is what ECS would give as the reason."""


class EngineGoneError(Exception):
    """Docker does not answer at all."""


@dataclass(frozen=True)
class Image:
    """A pulled image."""

    digest: str
    volumes: tuple[str, ...]


@dataclass(frozen=True)
class Event:
    """Something that happened to one container of a task."""

    task: str
    container: str
    action: str
    exit_code: int | None = None


@dataclass(frozen=True)
class State:
    """A container as Docker sees it now; `health` in Docker's words, empty without a check."""

    running: bool
    exit_code: int
    address: str
    health: str
    out_of_memory: bool


def _said(error: Exception) -> str:
    return str(error.explanation) if isinstance(error, APIError) and error.explanation else str(error)


def _refusal(what: str, error: Exception) -> Exception:
    """Docker's no is the task's fault; its silence is not."""
    return (
        TaskError(f"{what}: {_said(error)}") if isinstance(error, APIError) else EngineGoneError(_said(error))
    )


class Engine:
    """Docker, for the tasks of one stack."""

    def __init__(self, client: DockerClient, stack: str) -> None:
        self._api: Any = client.api  # its stubs know neither raw bodies nor streamed events
        self._label = f"io.tandem.stack={stack}"

    def pull(self, name: str) -> Image:
        """Pull as Fargate does, at each start: a registry that lacks the image fails the task."""
        try:
            if _has_registry(name):
                # Docker asks no registry for a digest that it has.
                self._api.inspect_distribution(name)
                self._pull(name)
            found = self._api.inspect_image(name)
        except ImageNotFound as error:
            raise TaskError(_cannot_pull(name, "not found")) from error
        except APIError as error:
            raise TaskError(_cannot_pull(name, _said(error))) from error
        except _FAILURES as error:
            raise EngineGoneError(_said(error)) from error
        digests = [each.partition("@")[2] for each in found.get("RepoDigests") or ()]
        wanted = name.partition("@")[2]
        digest = wanted or (digests[0] if digests else found["Id"])
        return Image(digest, tuple((found["Config"].get("Volumes") or {}).keys()))

    def _pull(self, name: str) -> None:
        repository, at, tag = name.partition("@")
        if not at:
            repository, _, tag = (
                name.rpartition(":") if ":" in name.rpartition("/")[2] else (name, "", "latest")
            )
        for line in self._api.pull(repository, tag=tag, stream=True, decode=True):
            if "error" in line:
                raise TaskError(_cannot_pull(name, line["error"]))

    def create(self, name: str, body: Body) -> str:
        try:
            return str(self._api.create_container_from_config(dict(body), name)["Id"])
        except _FAILURES as error:
            raise _refusal("CannotCreateContainerError", error) from error

    def start(self, container: str) -> None:
        try:
            self._api.start(container)
        except _FAILURES as error:
            raise _refusal("CannotStartContainerError", error) from error

    def state(self, container: str) -> State | None:
        """The container's state now; None if there is no such container."""
        try:
            found = self._api.inspect_container(container)
        except NotFound:
            return None
        except _FAILURES as error:
            raise EngineGoneError(_said(error)) from error
        networks = found["NetworkSettings"]["Networks"] or {}
        return State(
            running=found["State"]["Running"],
            exit_code=found["State"]["ExitCode"],
            address=next((each["IPAddress"] for each in networks.values()), ""),
            health=(found["State"].get("Health") or {}).get("Status", ""),
            out_of_memory=found["State"].get("OOMKilled", False),
        )

    def stop(self, container: str, seconds: int) -> None:
        """Send the image's STOPSIGNAL, and SIGKILL after so many seconds."""
        try:
            self._api.stop(container, timeout=seconds)
        except NotFound:
            pass
        except _FAILURES as error:
            raise EngineGoneError(_said(error)) from error

    def remove(self, container: str) -> None:
        """Remove a container with its anonymous volumes, running or not."""
        try:
            self._api.remove_container(container, v=True, force=True)
        except NotFound:
            pass
        except _FAILURES as error:
            raise EngineGoneError(_said(error)) from error

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
            raise EngineGoneError(_said(error)) from error

    def remove_other_volumes(self, known: Collection[str]) -> None:
        """Remove this stack's task volumes, but for those of the known tasks."""
        try:
            found = self._api.volumes(filters={"label": [self._label, _TASK]})["Volumes"] or ()
        except _FAILURES as error:
            raise EngineGoneError(_said(error)) from error
        for volume in found:
            if volume["Labels"][_TASK] not in known:
                self.remove_volume(volume["Name"])

    def logs(self, container: str, since: float) -> list[str]:
        """The last lines since a time, each with its RFC 3339 timestamp."""
        try:
            text = self._api.logs(
                container, stdout=True, stderr=True, timestamps=True, tail=_LOG_LINES, since=since or None
            )
        except _FAILURES:
            return []
        return str(text.decode("utf-8", "replace")).splitlines()

    def tasks(self) -> dict[str, str]:
        """Each of this stack's task containers, and its task's id."""
        filters = {"label": [self._label, _TASK]}
        try:
            found = self._api.containers(all=True, filters=filters)
        except _FAILURES as error:
            raise EngineGoneError(_said(error)) from error
        return {each["Id"]: each["Labels"][_TASK] for each in found}

    def events(self) -> Iterator[Event]:
        """What happens to task containers from this call on; ends with an error when Docker goes."""
        filters = {"type": "container", "label": [self._label, _TASK]}
        filters["event"] = ["die", "health_status"]
        try:
            stream = self._api.events(filters=filters, since=int(time()), decode=True)
        except _FAILURES as error:
            raise EngineGoneError(_said(error)) from error
        return _events(stream)


def _events(stream: Iterator[Body]) -> Iterator[Event]:
    try:
        for each in stream:
            yield _event(each)
    except _FAILURES as error:
        raise EngineGoneError(_said(error)) from error


def _event(raw: Body) -> Event:
    attributes = raw["Actor"]["Attributes"]
    code = attributes.get("exitCode")
    return Event(
        task=attributes[_TASK],
        container=attributes.get("io.tandem.container", ""),
        action=raw["Action"],
        exit_code=int(code) if code is not None else None,
    )


def _has_registry(name: str) -> bool:
    """Whether the name starts with a registry's host; local tags do not."""
    host, slash, _ = name.partition("/")
    return bool(slash) and (":" in host or "." in host or host == "localhost")


def _cannot_pull(name: str, why: str) -> str:
    return (
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): "
        f"failed to resolve ref {name}: {why}"
    )
