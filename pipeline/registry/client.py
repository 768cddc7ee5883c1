"""Read and write manifests, blobs and tags of one registry."""

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
    """One registry, by host; content is checked against its digest. Threads may share it.

    Raises:
        TandemError: From every method: the registry refused, did not answer, or sent wrong bytes.
    """

    def __init__(self, transport: Transport) -> None:
        self._http = transport
        self.host = transport.host

    def exists(self, ref: ImageRef) -> bool:
        """Whether the registry has the manifest of `ref`."""
        response = self._http.request("HEAD", _manifest_url(ref.path, str(ref.digest)), headers=_ACCEPT)
        return yes_or_no(response, str(ref))

    def find(self, ref: ImageRef) -> Manifest | None:
        """The manifest of `ref`, or None if the registry does not have it."""
        response = self._http.request("GET", _manifest_url(ref.path, str(ref.digest)), headers=_ACCEPT)
        if response.status == NOT_FOUND:
            return None
        expect(response, OK, f"cannot read image {ref}")
        return Manifest.parse(checked(response.data, ref.digest, str(ref)), str(ref))

    def manifest(self, ref: ImageRef) -> Manifest:
        """The manifest of `ref`; TandemError if the registry does not have it."""
        manifest = self.find(ref)
        if manifest is None:
            raise TandemError(
                f"cannot read image {ref}: the registry does not have it", hint="build it again"
            )
        return manifest

    def config(self, ref: ImageRef, manifest: Manifest | None = None) -> dict[str, Any]:
        """The image configuration of `ref`, as JSON."""
        manifest = manifest or self.manifest(ref)
        content: dict[str, Any] = json.loads(self.read_blob(ref.path, manifest.config.digest))
        return content

    def resolve(self, path: str, tag: str) -> ImageRef | None:
        """The image that `tag` names now, or None."""
        response = self._http.request("HEAD", _manifest_url(path, tag), headers=_ACCEPT)
        if not yes_or_no(response, f"{self.host}/{path}:{tag}"):
            return None
        return ImageRef(
            f"{self.host}/{path}", Digest.parse(response.headers.get("Docker-Content-Digest", ""))
        )

    def tags(self, path: str) -> tuple[str, ...]:
        """All tags of a repository; empty if it does not exist."""
        url, tags = f"/v2/{path}/tags/list?n=1000", list[str]()
        while url:
            response = self._http.request("GET", url)
            if response.status == NOT_FOUND:
                return ()
            expect(response, OK, f"cannot list {self.host}/{path}")
            tags += json.loads(response.data).get("tags") or []
            url = following(response.headers.get("Link", ""))
        return tuple(tags)

    def has_blob(self, path: str, digest: Digest) -> bool:
        """Whether repository `path` has the blob."""
        return has_blob(self._http, path, digest)

    def read_blob(self, path: str, digest: Digest) -> bytes:
        """The content of a small blob, checked against its digest."""
        response = self._blob(path, digest, stream=False)
        return checked(response.data, digest, f"{self.host}/{path}@{digest}")

    def read_end(self, path: str, layer: Descriptor, count: int) -> bytes:
        """The last `count` bytes of a blob, without a check; nothing else of it is read."""
        byte_range = {"Range": f"bytes={max(0, layer.size - count)}-{layer.size - 1}"}
        url = f"/v2/{path}/blobs/{layer.digest}"
        response = self._http.request("GET", url, headers=byte_range)
        if response.status in REDIRECTS:
            response = self._http.request("GET", response.headers["Location"], headers=byte_range)
        expect(response, PARTIAL, f"cannot read the end of blob {self.host}/{path}@{layer.digest}")
        return response.data

    def stream_blob(self, path: str, digest: Digest) -> Iterator[bytes]:
        """A blob in pieces of at most 1 MiB; TandemError after the last if the digest does not match."""
        seen = hashlib.sha256()
        response = self._blob(path, digest, stream=True)
        try:
            while piece := response.read(_CHUNK):
                seen.update(piece)
                yield piece
        except (HTTPError, OSError) as error:
            raise TandemError(f"reading {self.host}/{path}@{digest} failed: {error}") from error
        finally:
            response.release_conn()
        if f"sha256:{seen.hexdigest()}" != digest.value:
            raise wrong_bytes(f"{self.host}/{path}@{digest}")

    def push_blob(self, path: str, blob: Blob, meter: ByteCounter | None = None) -> bool:
        """Send `blob` unless the repository has it; True if it was sent."""
        return send_blob(self._http, path, blob, meter)

    def mount_blob(self, path: str, digest: Digest, source: str) -> bool:
        """Mount a blob of repository `source` in `path`; False if the registry does not mount."""
        url = f"/v2/{path}/blobs/uploads/?mount={digest}&from={quote(source, safe='')}"
        response = self._http.request("POST", url)
        if response.status == ACCEPTED:  # It began an upload instead, which would stay for days.
            self._http.request("DELETE", response.headers["Location"])
        return response.status == CREATED

    def push_manifest(self, path: str, manifest: Manifest, tag: str = "") -> ImageRef:
        """Put `manifest` with `tag`, or by its digest alone if the tag is taken and immutable."""
        content = manifest.dump()
        digest = digest_of(content)
        response = self._put_manifest(path, tag or str(digest), content, manifest.media_type)
        if tag and response.status in _TAG_TAKEN and self.resolve(path, tag):
            response = self._put_manifest(path, str(digest), content, manifest.media_type)
        expect(response, CREATED, f"cannot push a manifest to {self.host}/{path}")
        return ImageRef(f"{self.host}/{path}", digest)

    def tag(self, ref: ImageRef, tag: str) -> ImageRef:
        """Tag `ref`, and return the image that the tag names then.

        That is another image if the tag was taken before and the repository's tags are immutable.
        """
        response = self._http.request("GET", _manifest_url(ref.path, str(ref.digest)), headers=_ACCEPT)
        expect(response, OK, f"cannot read image {ref}")
        content = checked(response.data, ref.digest, str(ref))
        put = self._put_manifest(ref.path, tag, content, response.headers["Content-Type"])
        if put.status in _TAG_TAKEN and (taken := self.resolve(ref.path, tag)):
            return taken
        expect(put, CREATED, f"cannot tag {ref} as {tag}")
        return ref

    def delete(self, ref: ImageRef) -> None:
        """Delete the manifest of `ref` and all of its tags; do nothing if it does not exist."""
        response = self._http.request("DELETE", _manifest_url(ref.path, str(ref.digest)))
        if response.status != NOT_FOUND:
            expect(response, ACCEPTED, f"cannot remove image {ref}")

    def _put_manifest(
        self, path: str, reference: str, content: bytes, media_type: str
    ) -> urllib3.BaseHTTPResponse:
        headers = {"Content-Type": media_type}
        return self._http.request("PUT", _manifest_url(path, reference), headers=headers, body=content)

    def _blob(self, path: str, digest: Digest, *, stream: bool) -> urllib3.BaseHTTPResponse:
        response = self._http.request("GET", f"/v2/{path}/blobs/{digest}", stream=stream)
        if response.status in REDIRECTS:
            response.drain_conn()
            response = self._http.request("GET", response.headers["Location"], stream=stream)
        expect(response, OK, f"cannot read blob {self.host}/{path}@{digest}")
        return response


@lru_cache(maxsize=16)
def connect(host: str) -> Registry:
    """The registry at `host`, with ECR's login if it is an ECR registry; connections are reused."""
    return Registry(Transport(host, (lambda: ecr_login(host)) if is_ecr(host) else None))


def _manifest_url(path: str, reference: str) -> str:
    return f"/v2/{path}/manifests/{reference}"
