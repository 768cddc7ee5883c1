"""Send one blob: asked for first, begun anew when a connection breaks, believed only when it is there."""

import time
from urllib.parse import quote

from pipeline.core.values import Digest
from pipeline.registry.blob import Blob, ByteCounter
from pipeline.registry.responses import ACCEPTED, CREATED, NOT_FOUND, expect, yes_or_no
from pipeline.registry.transport import ATTEMPTS, Transport, UnreachableError

_NO_LONGER = frozenset({NOT_FOUND, 400, 416})
"""Answers to an upload whose earlier, broken attempt moved it on or ended it."""


def has_blob(http: Transport, path: str, digest: Digest) -> bool:
    answer = http.request("HEAD", f"/v2/{path}/blobs/{digest}")
    return yes_or_no(answer, f"{http.host}/{path}@{digest}")


def send_blob(http: Transport, path: str, blob: Blob, meter: ByteCounter | None = None) -> bool:
    """Send `blob` unless it is there already; True if this call sent it.

    One POST, one PUT: ECR takes no upload in pieces. A PUT that fails is not repeated at the same
    place, where part of it may have arrived; a new upload begins, unless the blob turns out to be there.
    """
    for attempt in range(ATTEMPTS):
        if has_blob(http, path, blob.descriptor.digest):
            return attempt > 0
        try:
            if _sent(http, path, blob, meter, last=attempt == ATTEMPTS - 1):
                return True
        except UnreachableError:
            if attempt == ATTEMPTS - 1:
                raise
        time.sleep(0.1 * 2.0**attempt)
    return True


def _sent(http: Transport, path: str, blob: Blob, meter: ByteCounter | None, *, last: bool) -> bool:
    begun = http.request("POST", f"/v2/{path}/blobs/uploads/")
    expect(begun, ACCEPTED, f"cannot start an upload to {http.host}/{path}")
    place = begun.headers["Location"]
    answer = http.request(
        "PUT",
        f"{place}{'&' if '?' in place else '?'}digest={quote(str(blob.descriptor.digest), safe='')}",
        headers={"Content-Type": "application/octet-stream", "Content-Length": str(blob.descriptor.size)},
        body=lambda: blob.open(meter),
        attempts=1,
    )
    if answer.status in _NO_LONGER and not last:
        return False
    expect(answer, CREATED, f"cannot push blob {blob.descriptor.digest} to {http.host}/{path}")
    return True
