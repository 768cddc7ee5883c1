"""What Tandem asks of a registry, after the OCI distribution specification."""

import hashlib
import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import urllib3
from urllib3.exceptions import HTTPError

from pipeline.core.errors import TandemError
from pipeline.core.values import Digest, ImageRef
from pipeline.registry.auth import ecr_login, is_ecr
from pipeline.registry.blob import Blob, ByteCounter
from pipeline.registry.manifest import DOCKER_MANIFEST, OCI_MANIFEST, Descriptor, Manifest, digest_of
from pipeline.registry.responses import (
    ACCEPTED,
    CREATED,
    NOT_FOUND,
    OK,
    PARTIAL,
    REDIRECTS,
    checked,
    expect,
    following,
    wrong_bytes,
    yes_or_no,
)
from pipeline.registry.transport import Transport
from pipeline.registry.upload import has_blob, send_blob

_CHUNK = 1 << 20
_ACCEPT = {"Accept": f"{OCI_MANIFEST}, {DOCKER_MANIFEST}"}
_TAG_TAKEN = frozenset({400, 409})


class Registry:
    """One registry, by host; whatever is read is checked against its digest. Threads may share it."""

    def __init__(self, transport: Transport) -> None:
        self._http = transport
        self.host = transport.host

    def exists(self, ref: ImageRef) -> bool:
        """Whether the registry has the manifest of `ref`."""
        answer = self._http.request("HEAD", _manifest_url(ref.path, str(ref.digest)), headers=_ACCEPT)
        return yes_or_no(answer, str(ref))

    def find(self, ref: ImageRef) -> Manifest | None:
        """The manifest of `ref`, or None if the registry does not have it."""
        answer = self._http.request("GET", _manifest_url(ref.path, str(ref.digest)), headers=_ACCEPT)
        if answer.status == NOT_FOUND:
            return None
        expect(answer, OK, f"cannot read image {ref}")
        return Manifest.parse(checked(answer.data, ref.digest, str(ref)), str(ref))

    def manifest(self, ref: ImageRef) -> Manifest:
        """The manifest of `ref`; TandemError if it is not there or not what its digest names."""
        found = self.find(ref)
        if found is None:
            raise TandemError(
                f"cannot read image {ref}: the registry does not have it", hint="build it again"
            )
        return found

    def config(self, ref: ImageRef, manifest: Manifest | None = None) -> dict[str, Any]:
        """The image configuration of `ref`, as JSON."""
        manifest = manifest or self.manifest(ref)
        content: dict[str, Any] = json.loads(self.read_blob(ref.path, manifest.config.digest))
        return content

    def resolve(self, path: str, tag: str) -> ImageRef | None:
        """The image that `tag` names at this moment, or None."""
        answer = self._http.request("HEAD", _manifest_url(path, tag), headers=_ACCEPT)
        if not yes_or_no(answer, f"{self.host}/{path}:{tag}"):
            return None
        return ImageRef(f"{self.host}/{path}", Digest.parse(answer.headers.get("Docker-Content-Digest", "")))

    def tags(self, path: str) -> tuple[str, ...]:
        """All tags of a repository; none if it does not exist."""
        url, found = f"/v2/{path}/tags/list?n=1000", list[str]()
        while url:
            answer = self._http.request("GET", url)
            if answer.status == NOT_FOUND:
                return ()
            expect(answer, OK, f"cannot list {self.host}/{path}")
            found += json.loads(answer.data).get("tags") or []
            url = following(answer.headers.get("Link", ""))
        return tuple(found)

    def has_blob(self, path: str, digest: Digest) -> bool:
        return has_blob(self._http, path, digest)

    def read_blob(self, path: str, digest: Digest) -> bytes:
        """A small blob's content, checked."""
        answer = self._blob(path, digest, stream=False)
        return checked(answer.data, digest, f"{self.host}/{path}@{digest}")

    def read_end(self, path: str, layer: Descriptor, count: int) -> bytes:
        """The last `count` bytes of a blob, unchecked: nothing else of it is read."""
        wanted = {"Range": f"bytes={max(0, layer.size - count)}-{layer.size - 1}"}
        url = f"/v2/{path}/blobs/{layer.digest}"
        answer = self._http.request("GET", url, headers=wanted)
        if answer.status in REDIRECTS:
            answer = self._http.request("GET", answer.headers["Location"], headers=wanted)
        expect(answer, PARTIAL, f"cannot read the end of blob {self.host}/{path}@{layer.digest}")
        return answer.data

    def stream_blob(self, path: str, digest: Digest) -> Iterator[bytes]:
        """A blob in pieces; TandemError after the last piece if they are not what the digest names."""
        seen = hashlib.sha256()
        answer = self._blob(path, digest, stream=True)
        try:
            while piece := answer.read(_CHUNK):
                seen.update(piece)
                yield piece
        except (HTTPError, OSError) as error:
            raise TandemError(f"reading {self.host}/{path}@{digest} broke off: {error}") from error
        finally:
            answer.release_conn()
        if f"sha256:{seen.hexdigest()}" != digest.value:
            raise wrong_bytes(f"{self.host}/{path}@{digest}")

    def push_blob(self, path: str, blob: Blob, meter: ByteCounter | None = None) -> bool:
        """Send `blob` unless it is there already; True if it was sent."""
        return send_blob(self._http, path, blob, meter)

    def mount_blob(self, path: str, digest: Digest, source: str) -> bool:
        """Make a blob of repository `source` known in `path`; False where the registry does not mount."""
        url = f"/v2/{path}/blobs/uploads/?mount={digest}&from={quote(source, safe='')}"
        answer = self._http.request("POST", url)
        if answer.status == ACCEPTED:  # It began an upload instead; end it, or it lingers for days.
            self._http.request("DELETE", answer.headers["Location"])
        return answer.status == CREATED

    def push_manifest(self, path: str, manifest: Manifest, tag: str = "") -> ImageRef:
        """Put `manifest`, under `tag` or its digest alone; a tag that is taken and cannot move is left."""
        content = manifest.dump()
        digest = digest_of(content)
        answer = self._put_manifest(path, tag or str(digest), content, manifest.media_type)
        if tag and answer.status in _TAG_TAKEN and self.resolve(path, tag):
            answer = self._put_manifest(path, str(digest), content, manifest.media_type)
        expect(answer, CREATED, f"cannot push a manifest to {self.host}/{path}")
        return ImageRef(f"{self.host}/{path}", digest)

    def tag(self, ref: ImageRef, tag: str) -> ImageRef:
        """Name `ref` by `tag` as well, byte for byte; the image that the tag names then.

        That is another one where the tag was taken before and the repository's tags are immutable.
        """
        answer = self._http.request("GET", _manifest_url(ref.path, str(ref.digest)), headers=_ACCEPT)
        expect(answer, OK, f"cannot read image {ref}")
        content = checked(answer.data, ref.digest, str(ref))
        put = self._put_manifest(ref.path, tag, content, answer.headers["Content-Type"])
        if put.status in _TAG_TAKEN and (taken := self.resolve(ref.path, tag)):
            return taken
        expect(put, CREATED, f"cannot tag {ref} as {tag}")
        return ref

    def delete(self, ref: ImageRef) -> None:
        """Remove the manifest of `ref` and all tags that name it; nothing if it is gone already."""
        answer = self._http.request("DELETE", _manifest_url(ref.path, str(ref.digest)))
        if answer.status != NOT_FOUND:
            expect(answer, ACCEPTED, f"cannot remove image {ref}")

    def _put_manifest(
        self, path: str, reference: str, content: bytes, media_type: str
    ) -> urllib3.BaseHTTPResponse:
        headers = {"Content-Type": media_type}
        return self._http.request("PUT", _manifest_url(path, reference), headers=headers, body=content)

    def _blob(self, path: str, digest: Digest, *, stream: bool) -> urllib3.BaseHTTPResponse:
        answer = self._http.request("GET", f"/v2/{path}/blobs/{digest}", stream=stream)
        if answer.status in REDIRECTS:
            answer.drain_conn()
            answer = self._http.request("GET", answer.headers["Location"], stream=stream)
        expect(answer, OK, f"cannot read blob {self.host}/{path}@{digest}")
        return answer


@lru_cache(maxsize=16)
def connect(host: str) -> Registry:
    """The registry at `host`, with the login that its name calls for; connections are kept."""
    return Registry(Transport(host, (lambda: ecr_login(host)) if is_ecr(host) else None))


def _manifest_url(path: str, reference: str) -> str:
    return f"/v2/{path}/manifests/{reference}"
