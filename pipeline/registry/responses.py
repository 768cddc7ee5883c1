"""Turn a registry's refusals into errors, and check content against its digest."""

import re
from collections.abc import Collection
from urllib.parse import urljoin

from pipeline.core.errors import TandemError
from pipeline.core.values import Digest
from pipeline.registry.documents import parse_object
from pipeline.registry.exchange import Response, printable
from pipeline.registry.image_manifest import digest_of

OK, CREATED, ACCEPTED, NO_CONTENT, PARTIAL, NOT_FOUND = 200, 201, 202, 204, 206, 404
TAKEN = frozenset({OK, CREATED, ACCEPTED, NO_CONTENT})
"""Answers of registries that took a blob or a manifest, or deleted one: not all answer as specified."""
_MISSING = re.compile(r"BLOB_UNKNOWN|LayersNotFound", re.IGNORECASE)
_LINK = re.compile(r"<([^>]*)>([^<]*)")
_NEXT = re.compile(r"""rel\s*=\s*(?:"(?:[^"]*\s)?next(?:\s[^"]*)?"|next\b)""", re.IGNORECASE)
_HINTS = {
    401: "log in: renew the AWS credentials of this shell",
    403: "allow this identity to use the repository",
    404: "check the repository's name; on ECR the platform's Terraform makes it",
    413: "raise the size of a request that the registry, or the proxy before it, takes",
}
_ROOM = "check that it is the right registry and that its disk has room"


class MissingBlobError(TandemError):
    """A manifest names a blob that the registry does not have."""


def expect(response: Response, status: int | Collection[int], what: str, hint: str = _ROOM) -> None:
    """Check the status of a response; `what` begins the message, such as "cannot read image x".

    Raises:
        MissingBlobError: A manifest names a blob that the registry does not have.
        TandemError: The status is another.
    """
    if response.status in ({status} if isinstance(status, int) else status):
        return
    detail = response.data.decode(errors="replace")
    kind = MissingBlobError if _MISSING.search(detail) else TandemError
    raise kind(
        f"{what}: the registry returned {response.status} {_reason(response.data)}".rstrip(),
        hint=_HINTS.get(response.status, hint),
    )


def checked(content: bytes, digest: Digest, what: str) -> bytes:
    """`content`; TandemError if its digest is not `digest`."""
    if digest_of(content) != digest:
        raise wrong_bytes(what)
    return content


def wrong_bytes(what: str) -> TandemError:
    """The error for content that has another digest than its name; `what` names the content."""
    return TandemError(
        f"the registry sent wrong bytes for {what}: their sha256 is another",
        hint="do not use this registry until its storage has been checked",
    )


def following(response: Response) -> str:
    """The path in a `Link: <…>; rel="next"` header; empty if there is none.

    Only the path is used: a registry behind a proxy may not know its own address.
    """
    for target, parameters in _LINK.findall(response.headers.get("Link", "")):
        if _NEXT.search(parameters):
            try:
                url = urljoin(response.url, target)
            except ValueError:
                return ""
            return url[url.index("/v2/") :] if "/v2/" in url else ""
    return ""


def _reason(content: bytes) -> str:
    """The codes and messages of the registry's error, or the beginning of what it sent instead."""
    try:
        problems = parse_object(content, "the error")["errors"]
        return printable(", ".join(f"{p.get('code', '')} {p.get('message', '')}".strip() for p in problems))
    except (TandemError, KeyError, TypeError, AttributeError):
        return printable(content.decode(errors="replace"))
