"""Build images through the Docker SDK; an error names the step that failed."""

import re
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from socket import SHUT_RDWR, socket
from typing import Any
from weakref import WeakSet

import docker
from docker.errors import APIError, DockerException, ImageNotFound
from requests import Response
from requests.exceptions import RequestException

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.interrupts import go_on, on_interrupt
from pipeline.core.plain_text import plain
from pipeline.core.steps import Step
from pipeline.images.context_archive import pack
from pipeline.images.ignore_file import read_ignore_file

_STEP = re.compile(r"Step (\d+/\d+) : (.*)", re.DOTALL)
_FROM = re.compile(r"\d+/\d+ FROM\b", re.IGNORECASE)
_LAYER = re.compile(r" ---> ([0-9a-f]{12})\s*")
_FULL = "no space left on device"
_GONE = "No such image: sha256:"
_LAST_LINES = 12

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
"""The kernel's name for a processor, and Docker's."""


@dataclass(frozen=True)
class BuiltImage:
    """A built image: its id, its size in bytes, and its timed steps."""

    image_id: str
    bytes: int
    steps: tuple[Step, ...]
    cached: int
    not_cached: str = ""
    """The first step after FROM that did not come from the cache."""

    @property
    def seconds(self) -> float:
        return sum(step.seconds for step in self.steps)


@dataclass
class _Log:
    """The output of Docker while it builds: steps, times and the last lines."""

    progress: Callable[[str], None]
    began: float = field(default_factory=time.monotonic)
    step: str = "sending the context"
    steps: list[Step] = field(default_factory=list)
    last: deque[str] = field(default_factory=lambda: deque(maxlen=_LAST_LINES))
    layer: str = ""
    cached: int = 0
    not_cached: str = ""
    _was_cached: bool = False
    _has_base: bool = False

    def add(self, text: str) -> None:
        if begins := _STEP.match(text):
            self.close()
            self.step = f"{begins[1]} {' '.join(begins[2].split())}"
            self.last.clear()
            self.progress(f"   {self.step}")
        elif layer := _LAYER.match(text):
            self.layer = layer[1]
        elif "Using cache" in text:
            self.cached += 1
            self._was_cached = True
        elif text.strip() and "Removing intermediate container" not in text:
            self.last.extend(plain(text).strip().splitlines())

    def close(self) -> None:
        now = time.monotonic()
        self.steps.append(Step(self.step, now - self.began))
        self.began = now
        is_base = bool(_FROM.match(self.step))
        if self._has_base and not (is_base or self._was_cached or self.not_cached):
            self.not_cached = self.step
        self._has_base, self._was_cached = self._has_base or is_base, False


def docker_architecture(client: docker.DockerClient) -> str:
    """The processor that Docker runs images for, in Docker's words; not always this machine's.

    Raises:
        TandemError: Docker does not answer.
    """
    try:
        name = str(client.version().get("Arch"))
    except (DockerException, RequestException) as error:
        raise TandemError(f"Docker does not answer: {error}", hint="docker info") from error
    return ARCHITECTURES.get(name, name)


def build_image(  # noqa: PLR0913 - the options of a build
    client: docker.DockerClient,
    context: Path,
    dockerfile: Path,
    args: Mapping[str, str],
    tag: str,
    *,
    target: str = "",
    cache: bool = True,
    progress: Callable[[str], None] = console.info,
    platform: str | None = None,
) -> BuiltImage:
    """Build `context` and tag the result.

    `target` is the stage to build; empty is the last one. `platform` is such as linux/arm64; None
    is Docker's own.

    Raises:
        TandemError: The build failed; the message has the step and its last lines.
    """
    if not dockerfile.is_file():
        raise TandemError(
            f"cannot build {tag}: there is no Dockerfile {dockerfile}",
            hint="add it to the source, or leave `dockerfile` out of tandem.toml",
        )
    patterns = read_ignore_file(context, f"cannot build {tag}")

    def start() -> Iterator[dict[str, Any]]:
        archive, name = pack(context, dockerfile, patterns)
        with archive:
            events: Iterator[dict[str, Any]] = client.api.build(
                fileobj=archive,
                custom_context=True,
                dockerfile=name,
                tag=tag,
                buildargs=dict(args),
                target=target,
                nocache=not cache,
                platform=platform,
                rm=True,
                forcerm=True,
                decode=True,
            )
        return events

    log = _Log(progress)
    before = _image_id(client, tag)
    try:
        with _ended_by_interrupt(client):
            try:
                _follow(tag, start, log)
            except _LayerGoneError:
                log = _Log(progress)
                _follow(tag, start, log)
    except BaseException:
        remove_untagged(client, log.layer)
        raise
    image = client.images.get(tag)
    if before and before != image.id:
        remove_untagged(client, before)
    return BuiltImage(str(image.id), int(image.attrs["Size"]), tuple(log.steps), log.cached, log.not_cached)


@contextmanager
def _ended_by_interrupt(client: docker.DockerClient) -> Iterator[None]:
    """If the run is interrupted, close what the client reads from Docker, which then ends its builds."""
    responses = WeakSet[Response]()

    def note(response: Response, *_: object, **__: object) -> None:
        responses.add(response)

    def end() -> None:
        for response in list(responses):
            with suppress(AttributeError, OSError):  # it has ended already
                _socket_of(response).shutdown(SHUT_RDWR)

    client.api.hooks["response"].append(note)
    try:
        with on_interrupt(end):
            yield
    finally:
        client.api.hooks["response"].remove(note)


def _socket_of(response: Response) -> socket:
    raw: Any = response.raw
    connection: socket = raw._fp.fp.raw._sock  # noqa: SLF001 - where Docker's SDK finds it too
    return connection


def _follow(tag: str, start: Callable[[], Iterator[dict[str, Any]]], log: _Log) -> None:
    try:
        for event in start():
            go_on()
            if "error" in event:
                raise _build_error(tag, log, str(event["error"]))
            log.add(str(event.get("stream", "")))
    except (DockerException, RequestException, OSError) as error:
        raise _build_error(tag, log, str(error)) from error
    log.close()


class _LayerGoneError(TandemError):
    """Another process removed an image whose layers this build was reusing."""


def _build_error(tag: str, log: _Log, why: str) -> TandemError:
    if _FULL in f"{why} {' '.join(log.last)}".lower():
        return TandemError(
            f"cannot build {tag}: the disk is full at step {log.step}", hint="docker system df"
        )
    lines = "".join(f"\n    {line}" for line in log.last)
    kind = _LayerGoneError if _GONE in why else TandemError
    return kind(
        f"cannot build {tag}: step {log.step} failed: {plain(why).strip()}{lines}",
        hint="correct it in the source, commit and push",
    )


def _image_id(client: docker.DockerClient, name: str) -> str:
    try:
        return str(client.images.get(name).id)
    except ImageNotFound:
        return ""


def remove_untagged(client: docker.DockerClient, image: str) -> None:
    """Remove an image without tags; leave one that is in use."""
    if not image:
        return
    try:
        if not client.images.get(image).tags:
            client.images.remove(image)
    except (APIError, RequestException):
        return
