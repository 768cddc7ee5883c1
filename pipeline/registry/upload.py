"""Send one blob unless the registry has it; begin a new upload when a connection breaks."""

from urllib.parse import quote

from pipeline.core.retry import retry_context
from pipeline.core.values import Digest
from pipeline.registry.blob import Blob, ByteCounter
from pipeline.registry.responses import ACCEPTED, CREATED, NOT_FOUND, expect, yes_or_no
from pipeline.registry.transport import ATTEMPTS, Transport, UnreachableError

_LOST = frozenset({NOT_FOUND, 400, 416})
"""Answers to an upload that an earlier, broken attempt moved on or ended."""


class _UploadLostError(Exception):
    """The registry no longer knows the upload."""


def has_blob(http: Transport, path: str, digest: Digest) -> bool:
    """Whether repository `path` has the blob; TandemError if the registry refused to tell."""
    response = http.request("HEAD", f"/v2/{path}/blobs/{digest}")
    return yes_or_no(response, f"{http.host}/{path}@{digest}")


def send_blob(http: Transport, path: str, blob: Blob, meter: ByteCounter | None = None) -> bool:
    """Send `blob` unless the repository has it; True if this call sent it.

    One POST, one PUT: ECR takes no upload in pieces. A PUT that fails is not repeated at the same
    location, where part of it may have arrived. A new upload begins, unless the registry has the blob by
    then.

    Raises:
        UnreachableError: The last attempt failed too.
        TandemError: The registry refused the blob.
    """
    broken = (UnreachableError, _UploadLostError)
    for attempt in retry_context(
        broken, attempts=ATTEMPTS, timeout=None, wait_initial=0.1, wait_max=5.0, wait_jitter=0.0
    ):
        if has_blob(http, path, blob.descriptor.digest):
            return attempt.num > 1
        with attempt:
            _send(http, path, blob, meter, last=attempt.num == ATTEMPTS)
            break
    return True


def _send(http: Transport, path: str, blob: Blob, meter: ByteCounter | None, *, last: bool) -> None:
    begun = http.request("POST", f"/v2/{path}/blobs/uploads/")
    expect(begun, ACCEPTED, f"cannot start an upload to {http.host}/{path}")
    location = begun.headers["Location"]
    response = http.request(
        "PUT",
        f"{location}{'&' if '?' in location else '?'}digest={quote(str(blob.descriptor.digest), safe='')}",
        headers={"Content-Type": "application/octet-stream", "Content-Length": str(blob.descriptor.size)},
        body=lambda: blob.open(meter),
        attempts=1,
    )
    if response.status in _LOST and not last:
        raise _UploadLostError
    expect(response, CREATED, f"cannot push blob {blob.descriptor.digest} to {http.host}/{path}")
