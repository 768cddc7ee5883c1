"""Manifests and descriptors of images as values."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from pipeline.core.errors import TandemError
from pipeline.core.values import Digest
from pipeline.registry.documents import parse_object

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
ACCEPTED = (OCI_MANIFEST, DOCKER_MANIFEST)
_LARGEST = 1 << 50
_SHOWN = 200


def digest_of(content: bytes) -> Digest:
    """The digest that names `content`."""
    return Digest(f"sha256:{hashlib.sha256(content).hexdigest()}")


def canonical_json(value: object) -> bytes:
    """`value` as JSON in a canonical form, so that equal values have equal digests."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Descriptor:
    """Names a blob: media type, digest, size in bytes, annotations."""

    media_type: str
    digest: Digest
    size: int
    annotations: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, value: Mapping[str, Any]) -> Self:
        """Parse one descriptor of a manifest; TypeError or ValueError if a field has another type."""
        size = value["size"]
        if isinstance(size, bool) or not isinstance(size, int) or not 0 <= size < _LARGEST:
            raise ValueError("the size of a blob is no number of bytes")
        return cls(_text(value["mediaType"]), Digest.parse(_text(value["digest"])), size, _annotations(value))

    def dump(self) -> dict[str, Any]:
        """The descriptor as JSON has it."""
        annotations = {"annotations": dict(self.annotations)} if self.annotations else {}
        return {"mediaType": self.media_type, "digest": str(self.digest), "size": self.size, **annotations}


@dataclass(frozen=True)
class Manifest:
    """An image manifest: a config, layers from the bottom up, annotations."""

    config: Descriptor
    layers: tuple[Descriptor, ...]
    annotations: Mapping[str, str] = field(default_factory=dict)
    media_type: str = OCI_MANIFEST

    @classmethod
    def parse(cls, content: bytes, where: str) -> Self:
        """Parse a manifest; `where` names it in messages.

        Raises:
            TandemError: It is an index, or no manifest.
        """
        try:
            value = parse_object(content, where)
            return cls(
                Descriptor.parse(value["config"]),
                tuple(Descriptor.parse(layer) for layer in value["layers"]),
                _annotations(value),
                _text(value.get("mediaType", OCI_MANIFEST)),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise TandemError(
                f"{where} is no image manifest: {type(error).__name__} {str(error)[:_SHOWN]}",
                hint="name the image of one platform by its own digest",
            ) from error

    def dump(self) -> bytes:
        """The manifest's bytes, which its digest names."""
        annotations = {"annotations": dict(self.annotations)} if self.annotations else {}
        return canonical_json(
            {
                "schemaVersion": 2,
                "mediaType": self.media_type,
                "config": self.config.dump(),
                "layers": [layer.dump() for layer in self.layers],
                **annotations,
            }
        )

    @property
    def size(self) -> int:
        """Compressed bytes of all layers, which a pull transfers."""
        return sum(layer.size for layer in self.layers)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {type(value).__name__}")
    return value


def _annotations(value: Mapping[str, Any]) -> dict[str, str]:
    annotations = value.get("annotations") or {}
    return {_text(key): _text(annotations[key]) for key in annotations}
