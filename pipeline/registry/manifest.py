"""Manifests and descriptors as values: what a registry stores, parsed once."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from pipeline.core.errors import TandemError
from pipeline.core.values import Digest

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
ACCEPTED = (OCI_MANIFEST, DOCKER_MANIFEST)


def digest_of(content: bytes) -> Digest:
    """The digest that names `content`."""
    return Digest(f"sha256:{hashlib.sha256(content).hexdigest()}")


def canonical_json(value: object) -> bytes:
    """The one spelling of `value`: equal values give equal digests."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Descriptor:
    """Names a blob: type, digest, bytes, and what its maker noted about it."""

    media_type: str
    digest: Digest
    size: int
    annotations: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, value: Mapping[str, Any]) -> Self:
        """Read one entry of a manifest."""
        return cls(
            value["mediaType"],
            Digest.parse(value["digest"]),
            int(value["size"]),
            dict(value.get("annotations") or {}),
        )

    def dump(self) -> dict[str, Any]:
        noted = {"annotations": dict(self.annotations)} if self.annotations else {}
        return {"mediaType": self.media_type, "digest": str(self.digest), "size": self.size, **noted}


@dataclass(frozen=True)
class Manifest:
    """An image manifest: a config, layers from the bottom up, annotations."""

    config: Descriptor
    layers: tuple[Descriptor, ...]
    annotations: Mapping[str, str] = field(default_factory=dict)
    media_type: str = OCI_MANIFEST

    @classmethod
    def parse(cls, content: bytes, where: str) -> Self:
        """Read a manifest; TandemError if it is an index or another thing."""
        try:
            value = json.loads(content)
            return cls(
                Descriptor.parse(value["config"]),
                tuple(Descriptor.parse(layer) for layer in value["layers"]),
                dict(value.get("annotations") or {}),
                value.get("mediaType", OCI_MANIFEST),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise TandemError(
                f"{where} is no image manifest: {type(error).__name__} {error}",
                hint="name the image of one platform by its own digest",
            ) from error

    def dump(self) -> bytes:
        noted = {"annotations": dict(self.annotations)} if self.annotations else {}
        return canonical_json(
            {
                "schemaVersion": 2,
                "mediaType": self.media_type,
                "config": self.config.dump(),
                "layers": [layer.dump() for layer in self.layers],
                **noted,
            }
        )

    @property
    def size(self) -> int:
        """Compressed bytes of all layers: what each pull moves."""
        return sum(layer.size for layer in self.layers)
