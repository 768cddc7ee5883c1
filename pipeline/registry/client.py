"""Read and write manifests, blobs and tags of one registry."""

import re
from collections.abc import Generator
from contextlib import suppress
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from pipeline.core.errors import TandemError
from pipeline.core.values import Digest, ImageRef
from pipeline.registry.auth import ecr_login, is_ecr
from pipeline.registry.blob import Blob, ByteCounter
from pipeline.registry.documents import parse_config, parse_object
from pipeline.registry.download import read_blob, read_end, stream_blob
from pipeline.registry.exchange import LIMIT, Response
from pipeline.registry.image_manifest import (
    DOCKER_MANIFEST,
    OCI_MANIFEST,
    Descriptor,
    Manifest,
    digest_of,
)
from pipeline.registry.responses import (
    ACCEPTED,
    CREATED,
    NOT_FOUND,
    OK,
    TAKEN,
    checked,
    expect,
)
from pipeline.registry.tag_list import list_tags
from pipeline.registry.transport import Transport
from pipeline.registry.upload import has_blob, send_blob

_ACCEPT = {"Accept": f"{OCI_MANIFEST}, {DOCKER_MANIFEST}"}
_ACCEPT_ALL = {
    "Accept": ", ".join(
        [
            "application/vnd.oci.image.index.v1+json",
            "application/vnd.docker.distribution.manifest.list.v2+json",
            *(OCI_MANIFEST, DOCKER_MANIFEST),
        ]
    )
}
_TAG_TAKEN = frozenset({400, 409})
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_SMALL_BLOB = 16 << 20


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
        return self._head(ref.path, str(ref.digest)) is not None

    def find(self, ref: ImageRef) -> Manifest | None:
        """The manifest of `ref`, or None if the registry does not have it."""
        response = self._get(ref.path, str(ref.digest))
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
        return parse_config(
            self.read_blob(ref.path, manifest.config.digest, LIMIT), f"the configuration of {ref}"
        )

    def resolve(self, path: str, tag: str, attempts: int | None = None) -> ImageRef | None:
        """The image that `tag` names now, or None; `attempts` limits how often a registry is asked."""
        response = self._head(path, tag, attempts)
        if response is None:
            return None
        digest = response.headers.get("Docker-Content-Digest", "")
        if not response.data and not _DIGEST.fullmatch(digest):  # ECR does not always send it.
            response = self._get(path, tag)
            expect(response, OK, f"cannot read image {self.host}/{path}:{tag}")
        return ImageRef(
            f"{self.host}/{path}", digest_of(response.data) if response.data else Digest.parse(digest)
        )

    def pin(self, path: str, tag: str) -> ImageRef | None:
        """What `tag` names now, by the digest of its content: an image, or an index of images; or None."""
        what = f"{self.host}/{path}:{tag}"
        response = self._http.request("GET", _manifest_url(path, tag), headers=_ACCEPT_ALL)
        if response.status == NOT_FOUND:
            return None
        expect(response, OK, f"cannot read image {what}")
        if not {"manifests", "config"} & parse_object(response.data, what).keys():
            raise TandemError(f"{what} is neither an image nor an index of images")
        digest = response.headers.get("Docker-Content-Digest", "")
        if _DIGEST.fullmatch(digest):
            checked(response.data, Digest.parse(digest), what)
        return ImageRef(f"{self.host}/{path}", digest_of(response.data))

    def tags(self, path: str) -> tuple[str, ...]:
        """All tags of a repository; empty if it does not exist."""
        return list_tags(self._http, path)

    def has_blob(self, path: str, digest: Digest) -> bool:
        """Whether repository `path` has the blob."""
        return has_blob(self._http, path, digest)

    def read_blob(self, path: str, digest: Digest, limit: int = _SMALL_BLOB) -> bytes:
        """The content of a blob of at most `limit` bytes, checked against its digest."""
        return read_blob(self._http, path, digest, limit)

    def read_end(self, path: str, layer: Descriptor, count: int) -> bytes:
        """The last `count` bytes of a blob, without a check; nothing else of it is read."""
        return read_end(self._http, path, layer, count)

    def stream_blob(self, path: str, digest: Digest, size: int | None = None) -> Generator[bytes]:
        """A blob in pieces of at most 1 MiB; TandemError after the last if the digest does not match.

        A blob that has more than `size` bytes is refused while it is read.
        """
        return stream_blob(self._http, path, digest, size)

    def push_blob(self, path: str, blob: Blob, meter: ByteCounter | None = None) -> bool:
        """Send `blob` unless the repository has it; True if it was sent."""
        return send_blob(self._http, path, blob, meter)

    def mount_blob(self, path: str, digest: Digest, source: str) -> bool:
        """Mount a blob of repository `source` in `path`; False if the registry does not mount."""
        url = f"/v2/{path}/blobs/uploads/?mount={digest}&from={quote(source, safe='')}"
        with suppress(TandemError):  # A registry need not mount, and an upload that began may stay.
            response = self._http.request("POST", url, attempts=1)
            if response.status == CREATED:
                return True
            if response.status == ACCEPTED and response.location:
                self._http.request("DELETE", response.location, attempts=1)
        return False

    def push_manifest(self, path: str, manifest: Manifest, tag: str = "") -> ImageRef:
        """Put `manifest` with `tag`, or by its digest alone if the tag is taken and immutable."""
        content = manifest.dump()
        digest = digest_of(content)
        response = self._put_manifest(path, tag or str(digest), content, manifest.media_type)
        if tag and response.status in _TAG_TAKEN and self.resolve(path, tag):
            response = self._put_manifest(path, str(digest), content, manifest.media_type)
        expect(response, TAKEN, f"cannot push a manifest to {self.host}/{path}")
        return ImageRef(f"{self.host}/{path}", digest)

    def manifest_bytes(self, ref: ImageRef) -> bytes:
        """The manifest of `ref` as it is stored: another form of it would have another digest.

        Raises:
            TandemError: the registry does not have it, or sent other bytes.
        """
        response = self._get(ref.path, str(ref.digest))
        expect(response, OK, f"cannot read image {ref}")
        return checked(response.data, ref.digest, str(ref))

    def put_manifest_bytes(self, path: str, content: bytes) -> ImageRef:
        """Put a manifest as it is, by its digest."""
        digest, what = digest_of(content), f"a manifest for {self.host}/{path}"
        response = self._put_manifest(path, str(digest), content, Manifest.parse(content, what).media_type)
        expect(response, TAKEN, f"cannot push {what}")
        return ImageRef(f"{self.host}/{path}", digest)

    def tag(self, ref: ImageRef, tag: str) -> ImageRef:
        """Tag `ref`, and return the image that the tag names then.

        That is another image if the tag was taken before and the repository's tags are immutable.
        """
        content = self.manifest_bytes(ref)
        response = self._put_manifest(ref.path, tag, content, Manifest.parse(content, str(ref)).media_type)
        if response.status in _TAG_TAKEN and (image := self.resolve(ref.path, tag)):
            return image
        expect(response, TAKEN, f"cannot tag {ref} as {tag}")
        return ref

    def delete(self, ref: ImageRef) -> None:
        """Delete the manifest of `ref` and all of its tags; do nothing if it does not exist."""
        response = self._http.request("DELETE", _manifest_url(ref.path, str(ref.digest)))
        if response.status != NOT_FOUND:
            expect(response, TAKEN, f"cannot remove image {ref}")

    def _get(self, path: str, reference: str) -> Response:
        return self._http.request("GET", _manifest_url(path, reference), headers=_ACCEPT)

    def _head(self, path: str, reference: str, attempts: int | None = None) -> Response | None:
        """The answer to HEAD, or to GET where a registry answers that only; None if there is no manifest."""
        url = _manifest_url(path, reference)
        response = self._http.request("HEAD", url, headers=_ACCEPT, attempts=attempts)
        if response.status not in {OK, NOT_FOUND}:
            response = self._get(path, reference)
        if response.status == NOT_FOUND:
            return None
        expect(response, OK, f"cannot ask for {self.host}/{path} {reference}")
        return response

    def _put_manifest(self, path: str, reference: str, content: bytes, media_type: str) -> Response:
        headers = {"Content-Type": media_type}
        return self._http.request("PUT", _manifest_url(path, reference), headers=headers, body=content)


@lru_cache(maxsize=16)
def connect(host: str) -> Registry:
    """The registry at `host`, with ECR's login if it is an ECR registry; connections are reused."""
    return Registry(Transport(host, (lambda: ecr_login(host)) if is_ecr(host) else None))


def _manifest_url(path: str, reference: str) -> str:
    return f"/v2/{path}/manifests/{reference}"
