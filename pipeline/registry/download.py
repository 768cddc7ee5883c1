"""Read one blob, or a part of it, with limits; content is checked against its digest."""

import hashlib
from collections.abc import Generator

from pipeline.core.errors import TandemError
from pipeline.core.values import Digest
from pipeline.registry.exchange import FAILURES, LIMIT, Response, printable
from pipeline.registry.image_manifest import Descriptor
from pipeline.registry.responses import NOT_FOUND, OK, PARTIAL, MissingBlobError, checked, expect, wrong_bytes
from pipeline.registry.transport import Transport


def read_blob(http: Transport, path: str, digest: Digest, limit: int) -> bytes:
    """The content of a blob of at most `limit` bytes, checked against its digest."""
    response = _request(http, path, digest, stream=False, limit=limit)
    return checked(response.data, digest, f"{http.host}/{path}@{digest}")


def read_end(http: Transport, path: str, layer: Descriptor, count: int) -> bytes:
    """The last `count` bytes of a blob, without a check; nothing else of it is read."""
    byte_range = {"Range": f"bytes={max(0, layer.size - count)}-{layer.size - 1}"}
    name = f"{http.host}/{path}@{layer.digest}"
    response = http.request("GET", f"/v2/{path}/blobs/{layer.digest}", headers=byte_range, stream=True)
    try:
        if response.status != OK or layer.size > count:
            expect(response, PARTIAL, f"cannot read the end of blob {name}")
        return _at_most(response, count, f"the end of {name}")
    except FAILURES as error:
        raise _read_error(name, error) from error


def stream_blob(http: Transport, path: str, digest: Digest, size: int | None) -> Generator[bytes]:
    """A blob in pieces of at most 1 MiB; TandemError after the last if the digest does not match.

    A blob that has more than `size` bytes is refused while it is read.
    """
    content_hash, count, name = hashlib.sha256(), 0, f"{http.host}/{path}@{digest}"
    response = _request(http, path, digest, stream=True)
    try:
        for piece in response.pieces():
            count += len(piece)
            if size is not None and count > size:
                raise wrong_bytes(name)
            content_hash.update(piece)
            yield piece
    except FAILURES as error:
        raise _read_error(name, error) from error
    finally:
        response.close()
    if f"sha256:{content_hash.hexdigest()}" != digest.value:
        raise wrong_bytes(name)


def _request(http: Transport, path: str, digest: Digest, *, stream: bool, limit: int = LIMIT) -> Response:
    response = http.request("GET", f"/v2/{path}/blobs/{digest}", stream=stream, limit=limit)
    if response.status == NOT_FOUND:
        raise MissingBlobError(f"the registry does not have blob {http.host}/{path}@{digest}")
    expect(response, OK, f"cannot read blob {http.host}/{path}@{digest}")
    return response


def _at_most(response: Response, count: int, what: str) -> bytes:
    content = b""
    for piece in response.pieces():
        content += piece
        if len(content) > count:
            response.close()
            raise TandemError(f"the registry sent more than {what}", hint="check the registry")
    return content


def _read_error(what: str, error: Exception) -> TandemError:
    return TandemError(
        f"reading {what} failed: {printable(str(error)) or type(error).__name__}",
        hint="run the command again",
    )
