"""Flatten the layers of an image by the whiteout rules into its files, with checksums."""

import hashlib
import os
import zlib
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pipeline.core.values import ImageRef
from pipeline.images.static.layers.image_tree import GZ
from pipeline.images.static.layers.layer_reader import Deletion, Folder, Member, members
from pipeline.registry import Descriptor, Registry

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class FlattenedFile:
    """One file of a flattened image."""

    mode: int
    size: int
    sha256: str
    mtime: int
    target: str = ""
    """The target of a link."""
    unpacked: str = ""
    """The sha256 of a .gz file's uncompressed content; empty if it is no gzip."""


@dataclass(frozen=True)
class Flattened:
    """All files below the content's folder, and the modes of its folders."""

    files: dict[str, FlattenedFile]
    folders: dict[str, int]
    hidden: int
    """Bytes (unpacked) of files in layers that newer layers hide."""
    bytes: int
    """Bytes (unpacked) of all files in all layers."""


@dataclass(frozen=True)
class _Contents:
    files: dict[str, FlattenedFile]
    folders: dict[str, int]
    deletions: frozenset[str]


def flatten(registry: Registry, ref: ImageRef, layers: Sequence[Descriptor], root: str) -> Flattened:
    """The files below `root` of `layers` of `ref`, the lowest first.

    Raises:
        TandemError: A layer is missing or damaged.
    """

    def read(layer: Descriptor) -> _Contents:
        pieces = registry.stream_blob(ref.path, layer.digest, layer.size)
        return _contents(members(pieces, f"layer {layer.digest}"), f"{root}/")

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        read_layers = list(pool.map(read, layers))
    files, folders = dict[str, FlattenedFile](), dict[str, int]()
    for layer in read_layers:
        _remove(files, layer.deletions | {path for path in layer.files if path in folders})
        _remove(folders, layer.deletions | layer.files.keys())
        for path in layer.folders.keys() & files.keys():
            del files[path]
        files |= layer.files
        folders |= layer.folders
    total = sum(file.size for layer in read_layers for file in layer.files.values())
    return Flattened(files, folders, total - sum(file.size for file in files.values()), total)


def _remove(paths: dict[str, FlattenedFile] | dict[str, int], deletions: Collection[str]) -> None:
    """Remove `deletions` and everything below them."""
    for path in list(paths) if deletions else ():
        if path in deletions or _is_below(path, deletions):
            del paths[path]


def _is_below(path: str, deletions: Collection[str]) -> bool:
    folder = path.rpartition("/")[0]
    while folder:
        if folder in deletions:
            return True
        folder = folder.rpartition("/")[0]
    return False


def _contents(entries: Iterator[Member | Deletion | Folder], prefix: str) -> _Contents:
    files, folders, deletions = dict[str, FlattenedFile](), dict[str, int](), set[str]()
    for entry in entries:
        if not f"{entry.path}/".startswith(prefix):
            continue
        path = entry.path[len(prefix) :]
        if isinstance(entry, Deletion):
            deletions.add(path)
        elif isinstance(entry, Folder):
            folders[path] = entry.head.mode
        else:
            files[path] = _flattened_file(entry)
    return _Contents(files, folders, frozenset(deletions))


def _flattened_file(member: Member) -> FlattenedFile:
    head, digest = member.head, hashlib.sha256()
    unpacked, unpacker = hashlib.sha256(), zlib.decompressobj(31) if member.path.endswith(GZ) else None
    for piece in member.pieces():
        digest.update(piece)
        if unpacker:
            try:
                for inner_piece in _unpacked(unpacker, piece):
                    unpacked.update(inner_piece)
            except zlib.error:
                unpacker = None
    inner = unpacked.hexdigest() if unpacker and unpacker.eof else ""
    return FlattenedFile(head.mode, head.size, digest.hexdigest(), int(head.mtime), head.linkname, inner)


def _unpacked(unpacker: "zlib._Decompress", packed: bytes) -> Iterator[bytes]:
    """What `packed` unpacks to, in pieces of at most 1 MiB."""
    while packed and not unpacker.eof:
        yield unpacker.decompress(packed, _PIECE)
        packed = unpacker.unconsumed_tail
