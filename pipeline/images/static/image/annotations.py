"""The annotations of an image's manifest and layers, in which the next build reads its state."""

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.core.errors import TandemError
from pipeline.core.json_text import damage, parse_json, require_number, require_text
from pipeline.registry import Descriptor, Manifest
from pipeline.registry.image_manifest import canonical_json

FORMAT = 1
STATE = "io.tandem.static"
ROLE = "io.tandem.layer"
BASE, DELTA = "base", "delta"
UNKNOWN = -1
"""The bytes of an image that an earlier version built."""
_MOST_BYTES = 256 << 20
_UNCOMPRESSED_BYTES = 2000
"""Bytes of pending paths; more are written compressed."""


@dataclass(frozen=True)
class ContentState:
    """The content of an image, as the next build needs it."""

    commit: str
    tree: str
    content_path: str
    precompress: tuple[str, ...]
    files: int
    dead: int = 0
    """Bytes (unpacked) of files that newer layers hide; estimated where their sizes were not at hand."""
    bytes: int = 0
    """Bytes (unpacked) of all files in all layers, hidden ones included."""
    number: int = 1
    """The number of builds that led to this image."""
    pending: tuple[tuple[str, ...], ...] = ()
    """Files that are kept although the tree lacks them, by the build that removed them, newest first."""
    canonical: bool = False
    base_build: int = 1
    """The number of the build that made the base layers."""

    def dump(self) -> dict[str, str]:
        """The state as annotations."""
        value = {
            "format": FORMAT,
            "commit": self.commit,
            "tree": self.tree,
            "path": self.content_path,
            "precompress": self.precompress,
            "files": self.files,
            "dead": self.dead,
            "bytes": self.bytes,
            "number": self.number,
            "pending": _packed(self.pending),
            "canonical": self.canonical,
            "cut": self.base_build,
        }
        return {STATE: canonical_json(value).decode()}


def read_state(annotations: Mapping[str, str]) -> ContentState | None:
    """The state of an image that was built from layers; None for other images and older formats.

    Raises:
        TandemError: The state is damaged.
    """
    try:
        value = parse_json(annotations[STATE])
        return _state(value) if value["format"] == FORMAT else None
    except KeyError:
        return None
    except (ValueError, TypeError, zlib.error) as error:
        raise TandemError(
            f"the image's annotations cannot be read: {damage(error)}",
            hint="delete the newest image of its repository in the registry, then build again",
        ) from error


def _state(value: Mapping[str, Any]) -> ContentState:
    size = value.get("bytes", UNKNOWN)
    return ContentState(
        commit=require_text(value["commit"]),
        tree=require_text(value["tree"]),
        content_path=require_text(value["path"]),
        precompress=tuple(map(require_text, value["precompress"])),
        files=require_number(value["files"]),
        dead=require_number(value["dead"]),
        bytes=UNKNOWN if size == UNKNOWN else require_number(size),
        number=require_number(value["number"]),
        pending=_unpacked(value["pending"]),
        canonical=value["canonical"] is True,
        base_build=require_number(value["cut"]),
    )


@dataclass(frozen=True)
class ImageLayers:
    """The layers of an image by role, each from the bottom up."""

    runtime: tuple[Descriptor, ...]
    """Of the small image below the content: busybox."""
    base: tuple[Descriptor, ...]
    deltas: tuple[Descriptor, ...]

    @classmethod
    def of(cls, manifest: Manifest) -> "ImageLayers":
        """The layers of an image that was built from layers."""

        def with_role(role: str) -> tuple[Descriptor, ...]:
            return tuple(layer for layer in manifest.layers if role_of(layer)[0] == role)

        return cls(with_role(""), with_role(BASE), with_role(DELTA))

    @property
    def layers(self) -> tuple[Descriptor, ...]:
        return self.runtime + self.base + self.deltas


def role_of(layer: Descriptor) -> tuple[str, str]:
    """The role of a layer, and its group or the number of the build that wrote it."""
    role, _, detail = layer.annotations.get(ROLE, "").partition(" ")
    return role, detail


def packed_size(pending: tuple[tuple[str, ...], ...]) -> int:
    """Bytes that the names of kept files take in a manifest."""
    return len(json.dumps(_packed(pending)))


def _packed(pending: tuple[tuple[str, ...], ...]) -> object:
    plain = canonical_json(pending)
    if len(plain) <= _UNCOMPRESSED_BYTES:
        return pending
    return base64.b85encode(zlib.compress(plain, 9)).decode()


def _unpacked(value: object) -> tuple[tuple[str, ...], ...]:
    plain = parse_json(_decompressed(base64.b85decode(value))) if isinstance(value, str) else value
    if not isinstance(plain, list) or not all(isinstance(paths, list) for paths in plain):
        raise TypeError("no list of paths")
    return tuple(tuple(map(require_text, paths)) for paths in plain)


def _decompressed(packed: bytes) -> bytes:
    """ValueError if it has more bytes than the paths of any image."""
    unpacker = zlib.decompressobj()
    plain = unpacker.decompress(packed, _MOST_BYTES)
    if not unpacker.eof:
        raise ValueError("its compressed paths are too long, or cut off")
    return plain
