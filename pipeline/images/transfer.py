"""Push images to registries and pull them, through Docker."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import docker
from docker.errors import APIError, DockerException
from requests.exceptions import RequestException

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.retry import retry_context
from pipeline.core.values import Digest, ImageRef
from pipeline.registry.auth import ecr_login, is_ecr

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_REFUSED = re.compile(r"denied|unauthorized|no basic auth|authentication required", re.IGNORECASE)
_ATTEMPTS = 3
_PAUSE_SECONDS = 1.0


def push_image(
    client: docker.DockerClient, tag: str, repository: str, *, progress: Callable[[str], None] = console.info
) -> ImageRef:
    """Push the local image `tag` to `repository` (host/path); a broken push is retried.

    Raises:
        TandemError: The registry refused the push, or every attempt failed.
    """
    image = client.images.get(tag)
    # The tag is the image's id: pushing an image twice sets one tag once, as immutable repositories require.
    remote = str(image.id).removeprefix("sha256:")[:12]
    image.tag(repository, remote)
    try:
        return ImageRef(repository, _push(client, repository, remote, progress))
    finally:
        _untag(client, f"{repository}:{remote}")


def _push(
    client: docker.DockerClient, repository: str, remote: str, progress: Callable[[str], None]
) -> Digest:
    def attempted(number: int) -> Digest:
        try:
            return _push_once(client, repository, remote, progress)
        except (DockerException, RequestException) as error:
            if number < _ATTEMPTS and _may_recover(error):
                progress(f"   push to {repository} failed ({error}); trying again")
            raise

    waits = {"wait_initial": _PAUSE_SECONDS, "wait_max": 2 * _PAUSE_SECONDS, "wait_jitter": 0.0}
    try:
        for attempt in retry_context(_may_recover, attempts=_ATTEMPTS, timeout=None, **waits):
            with attempt:
                return attempted(attempt.num)
    except (DockerException, RequestException) as error:
        raise _push_error(repository, str(error)) from error
    raise AssertionError


def _may_recover(error: Exception) -> bool:
    return isinstance(error, (DockerException, RequestException)) and not _REFUSED.search(str(error))


def _push_error(repository: str, why: str) -> TandemError:
    if _REFUSED.search(why):
        return TandemError(
            f"registry {repository.partition('/')[0]} refuses the push of {repository}: {why}",
            hint="log in to the registry, or check the permissions of your AWS credentials",
        )
    return TandemError(
        f"cannot push to {repository}: the registry does not take it after {_ATTEMPTS} attempts: {why}",
        hint="run the command again once the registry answers: what it has is not sent again",
    )


def _push_once(
    client: docker.DockerClient, repository: str, remote: str, progress: Callable[[str], None]
) -> Digest:
    pushed_digest: Digest | None = None
    retry_reported = False
    login = _login(repository.partition("/")[0])
    events: Iterator[dict[str, Any]] = client.api.push(
        repository, remote, stream=True, decode=True, auth_config=login
    )
    for event in events:
        if "error" in event:
            raise DockerException(str(event["error"]))
        if not retry_reported and str(event.get("status", "")).startswith("Retrying"):
            # Docker retries for most of a minute.
            progress(f"   the registry interrupted the push to {repository}; Docker tries again")
            retry_reported = True
        digest = _DIGEST.search(str(event.get("aux", {}).get("Digest", "")))
        pushed_digest = Digest.parse(digest[0]) if digest else pushed_digest
    if pushed_digest is None:
        raise DockerException("the push ended without a digest")
    return pushed_digest


def pull_image(client: docker.DockerClient, ref: ImageRef) -> str:
    """Pull `ref`; the id of the image in Docker.

    Raises:
        TandemError: The pull failed.
    """
    try:
        client.api.pull(ref.repository, tag=str(ref.digest), auth_config=_login(ref.host))
        return str(client.images.get(str(ref)).id)
    except (DockerException, RequestException) as error:
        raise TandemError(f"cannot pull {ref}: {error}", hint="tandem release") from error


def _login(host: str) -> dict[str, str] | None:
    """ECR's login from AWS; None for other registries, whose login Docker's own settings have."""
    if not is_ecr(host):
        return None
    credentials = ecr_login(host)
    return {"username": credentials.user, "password": credentials.secret}


def _untag(client: docker.DockerClient, name: str) -> None:
    """Remove the remote tag from Docker: the image has a digest now, and keeps its local tag."""
    try:
        client.images.remove(name, noprune=True)
    except (APIError, RequestException):
        return
