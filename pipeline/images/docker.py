"""Build and push images through the Docker SDK, and say plainly what failed."""

import re
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, DockerException, ImageNotFound
from requests.exceptions import RequestException

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.timing import Step
from pipeline.core.values import Digest, ImageRef
from pipeline.registry.auth import ecr_login, is_ecr

_STEP = re.compile(r"Step (\d+/\d+) : (.*)", re.DOTALL)
_LAYER = re.compile(r" ---> ([0-9a-f]{12})\s*")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_FULL = "no space left on device"
_REFUSED = re.compile(r"denied|unauthorized|no basic auth|authentication required", re.IGNORECASE)
_LAST_LINES = 12
_ATTEMPTS = 3
_PAUSE_SECONDS = 1.0

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
"""The kernel's name for a processor, and Docker's."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class BuiltImage:
    """A built image: its id, its size in bytes, and its timed steps."""

    image_id: str
    bytes: int
    steps: tuple[Step, ...]
    cached: int

    @property
    def seconds(self) -> float:
        return sum(step.seconds for step in self.steps)


@dataclass
class _Log:
    """What the engine says while it builds."""

    progress: Progress
    began: float = field(default_factory=time.monotonic)
    step: str = "sending the context"
    steps: list[Step] = field(default_factory=list)
    last: deque[str] = field(default_factory=lambda: deque(maxlen=_LAST_LINES))
    layer: str = ""
    cached: int = 0

    def hear(self, text: str) -> None:
        if begins := _STEP.match(text):
            self.close()
            self.step = f"{begins[1]} {' '.join(begins[2].split())}"
            self.last.clear()
            self.progress(f"   {self.step}")
        elif found := _LAYER.match(text):
            self.layer = found[1]
        elif "Using cache" in text:
            self.cached += 1
        elif text.strip() and "Removing intermediate container" not in text:
            self.last.extend(text.strip().splitlines())

    def close(self) -> None:
        now = time.monotonic()
        self.steps.append(Step(self.step, now - self.began))
        self.began = now


def docker_architecture(client: docker.DockerClient) -> str:
    """The processor that Docker runs images for, as it names it: not always this machine's."""
    found = str(client.version().get("Arch"))
    return ARCHITECTURES.get(found, found)


def build_image(  # noqa: PLR0913 - what a build consists of
    client: docker.DockerClient,
    context: Path,
    dockerfile: Path,
    args: Mapping[str, str],
    tag: str,
    *,
    cache: bool = True,
    progress: Progress = console.info,
    platform: str | None = None,
) -> BuiltImage:
    """Build `context` and tag the result; a failure names the step and carries its last lines.

    `platform`, such as linux/arm64, is Docker's own unless given.
    """
    if not dockerfile.is_file():
        raise TandemError(
            f"cannot build {tag}: there is no Dockerfile {dockerfile}",
            hint="add it to the source, or leave `dockerfile` out of tandem.toml",
        )
    start = partial(
        client.api.build,
        path=str(context),
        dockerfile=str(dockerfile.resolve()),
        tag=tag,
        buildargs=dict(args),
        nocache=not cache,
        platform=platform,
        rm=True,
        forcerm=True,
        decode=True,
    )
    log = _Log(progress)
    before = _image_id(client, tag)
    try:
        _follow(tag, start, log)
    except BaseException:
        _forget(client, log.layer)
        raise
    image = client.images.get(tag)
    if before and before != image.id:
        _forget(client, before)
    return BuiltImage(str(image.id), int(image.attrs["Size"]), tuple(log.steps), log.cached)


def _follow(tag: str, start: Callable[[], Iterator[dict[str, Any]]], log: _Log) -> None:
    try:
        for event in start():
            if "error" in event:
                raise _failed(tag, log, str(event["error"]))
            log.hear(str(event.get("stream", "")))
    except (DockerException, RequestException, OSError) as error:
        raise _failed(tag, log, str(error)) from error
    log.close()


def _failed(tag: str, log: _Log, why: str) -> TandemError:
    if _FULL in f"{why} {' '.join(log.last)}".lower():
        return TandemError(
            f"cannot build {tag}: the disk is full at step {log.step}", hint="docker system df"
        )
    lines = "".join(f"\n    {line}" for line in log.last)
    return TandemError(
        f"cannot build {tag}: step {log.step} failed: {why.strip()}{lines}",
        hint="correct it in the source, commit and push",
    )


def _image_id(client: docker.DockerClient, name: str) -> str:
    try:
        return str(client.images.get(name).id)
    except ImageNotFound:
        return ""


def _forget(client: docker.DockerClient, image: str) -> None:
    """Remove an image that nothing names any more; leave one that something still uses."""
    if not image:
        return
    try:
        if not client.images.get(image).tags:
            client.images.remove(image)
    except (APIError, RequestException):
        return


def push_image(
    client: docker.DockerClient, tag: str, repository: str, *, progress: Progress = console.info
) -> ImageRef:
    """Push the image `tag` to `repository` (host/path) and name it by digest; tried again when it breaks."""
    image = client.images.get(tag)
    # Of the image itself: the same image twice is no second tag, which immutable repositories refuse.
    remote = str(image.id).removeprefix("sha256:")[:12]
    image.tag(repository, remote)
    try:
        return ImageRef(repository, _pushed(client, repository, remote, progress))
    finally:
        _untag(client, f"{repository}:{remote}")


def _pushed(client: docker.DockerClient, repository: str, remote: str, progress: Progress) -> Digest:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return _push_once(client, repository, remote, progress)
        except (DockerException, RequestException) as error:
            why = str(error)
        if _REFUSED.search(why):
            raise TandemError(
                f"registry {repository.partition('/')[0]} refuses the push of {repository}: {why}",
                hint="log in to the registry, or check the permissions of your AWS credentials",
            )
        if attempt < _ATTEMPTS:
            progress(f"   push to {repository} broke ({why}); trying again")
            time.sleep(_PAUSE_SECONDS * attempt)
    raise TandemError(
        f"cannot push to {repository}: the registry does not take it after {_ATTEMPTS} attempts: {why}",
        hint="run the command again once the registry answers: what it has is not sent again",
    )


def _push_once(client: docker.DockerClient, repository: str, remote: str, progress: Progress) -> Digest:
    found: Digest | None = None
    told = False
    login = _login(repository.partition("/")[0])
    events: Iterator[dict[str, Any]] = client.api.push(
        repository, remote, stream=True, decode=True, auth_config=login
    )
    for event in events:
        if "error" in event:
            raise DockerException(str(event["error"]))
        if not told and str(event.get("status", "")).startswith("Retrying"):
            # Docker goes on with this for most of a minute.
            progress(f"   the registry broke off the push to {repository}; Docker tries again")
            told = True
        digest = _DIGEST.search(str(event.get("aux", {}).get("Digest", "")))
        found = Digest.parse(digest[0]) if digest else found
    if found is None:
        raise DockerException("the push ended without a digest")
    return found


def pull_image(client: docker.DockerClient, ref: ImageRef) -> str:
    """Have Docker hold `ref`; its id there."""
    try:
        client.api.pull(ref.repository, tag=str(ref.digest), auth_config=_login(ref.host))
        return str(client.images.get(str(ref)).id)
    except (DockerException, RequestException) as error:
        raise TandemError(f"cannot pull {ref}: {error}", hint="tandem release builds it again") from error


def _login(host: str) -> dict[str, str] | None:
    """ECR's login comes from AWS; for others None: Docker's own settings know it, if one is needed."""
    if not is_ecr(host):
        return None
    credentials = ecr_login(host)
    return {"username": credentials.user, "password": credentials.secret}


def _untag(client: docker.DockerClient, name: str) -> None:
    """Digest names it from now on; the local tag stays."""
    try:
        client.images.remove(name, noprune=True)
    except (APIError, RequestException):
        return
