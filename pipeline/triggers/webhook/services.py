"""The services whose push events are taken: their headers, their signatures, their payloads. Pure."""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol
from urllib.parse import parse_qs

from pydantic import ValidationError

from pipeline.core.settings import Project
from pipeline.core.values import Source
from pipeline.git.address import is_url, parse_address
from pipeline.git.place import place_of
from pipeline.git.printable_text import printable
from pipeline.triggers.webhook.payloads import (
    ANY_HOST,
    BitbucketPush,
    BitbucketServerPush,
    GitHubPush,
    GitLabPush,
    Push,
)

SHORTEST_SECRET = 16
_SHOWN = 80
_FORM, _JSON = "application/x-www-form-urlencoded", "application/json"

Headers = Mapping[str, str]


class RefusedError(Exception):
    """A delivery that leads to nothing: the status of the answer, and why."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


class _Model(Protocol):
    def push(self) -> Push: ...


@dataclass(frozen=True)
class GitService:
    """One service: the header that names the event, the headers that identify a delivery, its push events."""

    name: str
    event_header: str
    id_headers: tuple[str, ...]
    is_signed: Callable[[Headers, bytes, Sequence[bytes]], bool]
    pushes: Mapping[str, Callable[[bytes], _Model]]


def _hmac_in(*names: str) -> Callable[[Headers, bytes, Sequence[bytes]], bool]:
    """Whether the first of these headers has the body's HMAC-SHA256; `sha256=` may precede it."""

    def is_signed(headers: Headers, body: bytes, secrets: Sequence[bytes]) -> bool:
        signature = next((headers[name] for name in names if name in headers), "").removeprefix("sha256=")
        digests = [hmac.digest(secret, body, "sha256").hex().encode() for secret in secrets]
        return _equals_one(signature, digests)

    return is_signed


def _token(headers: Headers, _: bytes, secrets: Sequence[bytes]) -> bool:
    """Whether GitLab's header has the secret itself."""
    return _equals_one(headers.get("x-gitlab-token", ""), secrets)


def _equals_one(header: str, expected: Sequence[bytes]) -> bool:
    """Compare a header with each in constant time: how long it takes tells nothing about a secret."""
    content = header.encode("latin-1", "replace")  # ASGI: the bytes that were sent
    # A list: `any` of a generator would end at the first that is equal.
    return bool(content) & any([hmac.compare_digest(content, each) for each in expected])  # noqa: C419


SERVICES = (
    # Gitea and its relatives also send GitHub's headers, so they come first.
    GitService(
        "Gitea",
        "x-gitea-event",
        ("x-gitea-delivery",),
        _hmac_in("x-gitea-signature", "x-hub-signature-256"),
        {"push": GitHubPush.model_validate_json},
    ),
    GitService(
        "GitLab",
        "x-gitlab-event",
        ("idempotency-key", "x-gitlab-event-uuid"),
        _token,
        {"Push Hook": GitLabPush.model_validate_json},
    ),
    GitService(
        "Bitbucket",
        "x-event-key",
        ("x-request-uuid", "x-request-id"),
        _hmac_in("x-hub-signature"),
        {
            "repo:push": BitbucketPush.model_validate_json,
            "repo:refs_changed": BitbucketServerPush.model_validate_json,
        },
    ),
    GitService(
        "GitHub",
        "x-github-event",
        ("x-github-delivery",),
        _hmac_in("x-hub-signature-256"),
        {"push": GitHubPush.model_validate_json},
    ),
)


@dataclass(frozen=True)
class Delivery:
    """A signed push event; `id` is the same if the service delivers it again."""

    service: str
    id: str
    push: Push


def read_delivery(headers: Headers, body: bytes, secrets: Sequence[bytes]) -> Delivery:
    """The push event of a request; header names are in lower case.

    Raises:
        RefusedError: it is not signed, or is no push event.
    """
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in {_JSON, _FORM}:
        raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"its content type is not {_JSON}")
    if headers.get("content-encoding", "").strip().lower() not in {"", "identity"}:
        raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "its body is compressed")
    service = next((service for service in SERVICES if service.event_header in headers), None)
    if service is None:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "no header of a known service names its event")
    if not service.is_signed(headers, body, secrets):
        raise RefusedError(HTTPStatus.UNAUTHORIZED, f"its {service.name} signature is missing or wrong")
    event = headers[service.event_header]
    if event not in service.pushes:
        raise RefusedError(HTTPStatus.OK, f"{service.name}'s event {printable(event, 40)!r} is no push")
    content = (
        parse_qs(body.decode(errors="replace")).get("payload", [""])[0].encode() if kind == _FORM else body
    )
    try:
        push = service.pushes[event](content).push()
    except ValidationError as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, f"it is no push event: {_problem(error)}") from error
    return Delivery(service.name, _delivery_id(service, headers, body), push)


def moved_sources(project: Project, push: Push) -> dict[Source, tuple[str, str]]:
    """The sources whose branch the push moved, with the commits before and after.

    Raises:
        RefusedError: no source has this repository, or none of its branches is one that is released.
    """
    places = {place_of(url) for url in push.urls}
    settings = project.settings.sources
    active = project.settings.active_sources
    sources = [source for source in active if _is_at(settings[source].repository, places)]
    if not sources:
        raise RefusedError(HTTPStatus.NOT_FOUND, _why_unknown(places))
    moves = {
        source: (move.before, move.after)
        for source in sources
        for move in push.moves
        if move.branch == settings[source].branch and move.after
    }
    if not moves:
        raise RefusedError(HTTPStatus.OK, _why_ignored(push))
    return moves


def _is_at(repository: str, places: set[str]) -> bool:
    if not is_url(repository):
        return False
    host, _, path = (place := place_of(parse_address(repository).url)).partition("/")
    # Bitbucket Data Center has its repositories below scm/ for https, and nowhere else.
    path = f"/{path}".rpartition("/scm/")[2].removeprefix("/")
    return place in places or (bool(host) and f"{ANY_HOST}/{path}" in places)


def _why_unknown(places: set[str]) -> str:
    repositories = sorted(place.removeprefix(f"{ANY_HOST}/") for place in places if place)
    return (
        f"its repository {printable(repositories[0], _SHOWN)} is no source's"
        if repositories
        else "its repository has no URL"
    )


def _why_ignored(push: Push) -> str:
    if not push.moves:
        return "it moved nothing"
    move = push.moves[0]
    if not move.branch:
        return f"{printable(move.ref, 80)} is no branch"
    if not move.after:
        return f"branch {printable(move.branch, 80)} was deleted"
    return f"branch {printable(move.branch, 80)} is not the one that is released"


def _delivery_id(service: GitService, headers: Headers, body: bytes) -> str:
    """A digest of the service's id and of the body: the same push again has both, another one never has."""
    header = next((headers[name] for name in service.id_headers if headers.get(name)), "")
    identity = header.encode() + b"\0" + body
    return f"{service.name.lower()}-{hashlib.sha256(identity).hexdigest()[:32]}"


def _problem(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return printable(f"{place}: {first['msg']}" if place else first["msg"], 120)
