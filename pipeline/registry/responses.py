"""Turn a registry's refusals into errors, and check content against its digest."""

import json
import re

import urllib3

from pipeline.core.errors import TandemError
from pipeline.core.values import Digest
from pipeline.registry.manifest import digest_of

OK, CREATED, ACCEPTED, PARTIAL, NOT_FOUND = 200, 201, 202, 206, 404
REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SHOWN = 200
_MISSING = re.compile(r"BLOB_UNKNOWN|LayersNotFound", re.IGNORECASE)
_HINTS = {
    401: "log in: renew the AWS credentials of this shell",
    403: "allow this identity to use the repository",
    404: "check the repository's name; on ECR the platform's Terraform makes it",
}


class MissingBlobError(TandemError):
    """A manifest names a blob that the registry does not have."""


def expect(response: urllib3.BaseHTTPResponse, status: int, what: str) -> None:
    """Check the status of a response; `what` begins the message, such as "cannot read image x".

    Raises:
        MissingBlobError: A manifest names a blob that the registry does not have.
        TandemError: The status is another.
    """
    if response.status == status:
        return
    detail = response.data.decode(errors="replace").strip()
    kind = MissingBlobError if _MISSING.search(detail) else TandemError
    raise kind(
        f"{what}: the registry returned {response.status} {_reason(detail)}".rstrip(),
        hint=_HINTS.get(response.status, "check that it is the right registry and that its disk has room"),
    )


def yes_or_no(response: urllib3.BaseHTTPResponse, what: str) -> bool:
    """Whether the registry has what a HEAD request names; TandemError if it refused to tell."""
    if response.status == NOT_FOUND:
        return False
    expect(response, OK, f"cannot ask for {what}")
    return True


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


def following(link: str) -> str:
    """The path in a `Link: <…>; rel="next"` header; empty if there is none."""
    target = link.partition("<")[2].partition(">")[0] if 'rel="next"' in link else ""
    return target[target.index("/v2/") :] if "/v2/" in target else ""


def _reason(detail: str) -> str:
    try:
        problems = json.loads(detail)["errors"]
        return ", ".join(f"{p.get('code', '')} {p.get('message', '')}".strip() for p in problems)
    except (ValueError, KeyError, TypeError, AttributeError):
        return detail[:_SHOWN]
