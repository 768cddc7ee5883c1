"""Send one blob unless the registry has it; begin a new upload when a connection breaks."""

from urllib.parse import quote

from pipeline.core.errors import TandemError
from pipeline.core.retry import retry_context
from pipeline.core.values import Digest
from pipeline.registry.blob import Blob, ByteCounter
from pipeline.registry.exchange import Response
from pipeline.registry.responses import ACCEPTED, NO_CONTENT, NOT_FOUND, OK, TAKEN, expect
from pipeline.registry.transport import ATTEMPTS, Transport, UnreachableError

_LOST = frozenset({NOT_FOUND, 400, 416})
"""Answers to an upload that an earlier, broken attempt moved on or ended."""
_IN_PIECES = frozenset({405, 411, 413, 501})
"""Answers of registries, or of the proxies before them, that take no large blob in one request."""
_BEGUN = frozenset({OK, ACCEPTED})
_MOVED_ON = frozenset({OK, ACCEPTED, NO_CONTENT})
_PIECE, _LARGEST_PIECE = 4 << 20, 64 << 20
_OCTETS = {"Content-Type": "application/octet-stream"}


class _UploadLostError(Exception):
    """The registry no longer knows the upload."""


def has_blob(http: Transport, path: str, digest: Digest) -> bool:
    """Whether repository `path` has the blob; TandemError if the registry refused to tell.

    Some registries, and stores that they redirect to, answer GET only: its content is not read then.
    """
    url = f"/v2/{path}/blobs/{digest}"
    response = http.request("HEAD", url)
    if response.status not in {OK, NOT_FOUND}:
        response = http.request("GET", url, stream=True)
        response.close()
    if response.status != NOT_FOUND:
        expect(response, OK, f"cannot ask for {http.host}/{path}@{digest}")
    return response.status == OK


def send_blob(http: Transport, path: str, blob: Blob, meter: ByteCounter | None = None) -> bool:
    """Send `blob` unless the registry has it; True if this call sent it.

    One POST, one PUT: ECR takes no upload in pieces. A PUT that fails is not repeated at the same
    location, where part of it may have arrived. A new upload begins, unless the registry has the blob by
    then.

    Raises:
        UnreachableError: The last attempt failed too.
        TandemError: The registry refused the blob.
    """
    errors = (UnreachableError, _UploadLostError)
    for attempt in retry_context(
        errors, attempts=ATTEMPTS, timeout=None, wait_initial=0.1, wait_max=5.0, wait_jitter=0.0
    ):
        if has_blob(http, path, blob.descriptor.digest):
            return attempt.num > 1
        with attempt:
            _send(http, path, blob, meter, last=attempt.num == ATTEMPTS)
            break
    return True


def _send(http: Transport, path: str, blob: Blob, meter: ByteCounter | None, *, last: bool) -> None:
    response = _send_at_once(http, _begin(http, path), blob, meter)
    if response.status in _IN_PIECES and blob.descriptor.size:
        response = _send_in_pieces(http, _begin(http, path), blob, meter)
    if response.status in _LOST and not last:
        raise _UploadLostError
    expect(response, TAKEN, f"cannot push blob {blob.descriptor.digest} to {http.host}/{path}")


def _begin(http: Transport, path: str) -> Response:
    upload = http.request("POST", f"/v2/{path}/blobs/uploads/")
    expect(upload, _BEGUN, f"cannot start an upload to {http.host}/{path}")
    if not upload.location:
        raise TandemError(
            f"cannot start an upload to {http.host}/{path}: the registry did not say where to send it",
            hint="check that it is a registry of images",
        )
    return upload


def _send_at_once(http: Transport, upload: Response, blob: Blob, meter: ByteCounter | None) -> Response:
    return http.request(
        "PUT",
        _closing(upload.location, blob),
        headers={**_OCTETS, "Content-Length": str(blob.descriptor.size)},
        body=lambda: blob.open(meter),
        attempts=1,
    )


def _send_in_pieces(http: Transport, upload: Response, blob: Blob, meter: ByteCounter | None) -> Response:
    location, position, size = upload.location, 0, _piece_size(upload)
    with blob.open(meter) as content:
        while piece := content.read(size):
            headers = {**_OCTETS, "Content-Range": f"{position}-{position + len(piece) - 1}"}
            response = http.request("PATCH", location, headers=headers, body=piece, attempts=1)
            if response.status not in _MOVED_ON:
                return response
            location, position = response.location or location, position + len(piece)
    return http.request(
        "PUT", _closing(location, blob), headers={**_OCTETS, "Content-Length": "0"}, body=b"", attempts=1
    )


def _piece_size(upload: Response) -> int:
    least = upload.headers.get("OCI-Chunk-Min-Length", "")
    minimum = int(least) if least.isascii() and least.isdigit() and len(least) < len(str(1 << 62)) else 0
    return min(max(_PIECE, minimum), _LARGEST_PIECE)


def _closing(location: str, blob: Blob) -> str:
    """The address that ends an upload."""
    return f"{location}{'&' if '?' in location else '?'}digest={quote(str(blob.descriptor.digest), safe='')}"
