"""Turn git blobs into the files of a layer, with their compressed siblings."""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.git.blobs import GitObject, mtime_of
from pipeline.git.object_store import ObjectStore
from pipeline.git.validation import LINK, validate_file
from pipeline.images.static.layers.image_tree import GZ, ImageFile, validate_length
from pipeline.images.static.layers.tar_header import FILE, SYMLINK, TarHeader

LARGEST_COMPRESSED = 32 << 20
"""Bytes of the largest file that gets a compressed sibling, which is compressed in memory."""


@dataclass(frozen=True, slots=True)
class LayerFile:
    """One file to be written to a layer; without a header it is a sibling that would not be smaller."""

    path: str
    head: TarHeader | None
    pieces: Iterable[bytes] = ()


def layer_files(
    objects: ObjectStore, files: Iterable[tuple[str, ImageFile]], root: str
) -> Iterator[LayerFile]:
    """The files under `root` (no leading slash), read through one process; use each before the next.

    Raises:
        TandemError: A file cannot become part of an image, or its blob is missing.
    """
    groups = _by_blob(files)
    with objects.read([group[0][1].blob for group in groups]) as blobs:
        for blob, group in zip(blobs, groups, strict=True):
            yield from _layer_files(blob, group, root)


def _by_blob(files: Iterable[tuple[str, ImageFile]]) -> list[list[tuple[str, ImageFile]]]:
    """Each file alone, but a sibling with its original, so that their blob is read once."""

    def original_first(entry: tuple[str, ImageFile]) -> tuple[str, bool]:
        path, file = entry
        return (path.removesuffix(GZ), True) if file.compressed else (path, False)

    groups: list[list[tuple[str, ImageFile]]] = []
    for path, file in sorted(files, key=original_first):
        if file.compressed and groups and groups[-1][0][0] == path.removesuffix(GZ):
            groups[-1].append((path, file))
        else:
            groups.append([(path, file)])
    return groups


def _layer_files(blob: GitObject, group: Sequence[tuple[str, ImageFile]], root: str) -> Iterator[LayerFile]:
    path, file = group[0]
    validate_length(path, root)
    if file.mode == LINK:
        target = blob.read()
        validate_file(path, LINK, target)
        yield LayerFile(path, _link(path, target, root, mtime_of(file.blob)))
        return
    for each, copy in group:
        validate_file(each, copy.mode, blob.start())
    if blob.size > LARGEST_COMPRESSED or (len(group) == 1 and not file.compressed):
        yield from (LayerFile(each, None) for each, copy in group if copy.compressed)
        yield from (
            _file(each, copy, blob.size, root, blob.pieces()) for each, copy in group if not copy.compressed
        )
    else:
        yield from _copies(blob.read(), group, root)


def _copies(data: bytes, group: Sequence[tuple[str, ImageFile]], root: str) -> Iterator[LayerFile]:
    for path, file in group:
        packed = _gzip(data) if file.compressed else data
        if packed is data:
            yield _file(path, file, len(data), root, (data,))
        elif len(packed) < len(data):
            yield _file(path, file, len(packed), root, (packed,))
        else:
            yield LayerFile(path, None)


def _file(path: str, file: ImageFile, size: int, root: str, pieces: Iterable[bytes]) -> LayerFile:
    mode = 0o755 if file.mode & 0o100 else 0o644
    return LayerFile(path, TarHeader(f"{root}/{path}", FILE, mode, size, mtime_of(file.blob)), pieces)


def _link(path: str, target: bytes, root: str, mtime: int) -> TarHeader:
    return TarHeader(f"{root}/{path}", SYMLINK, 0o777, 0, mtime, target.decode(errors="surrogateescape"))


def _gzip(data: bytes) -> bytes:
    """`data` as gzip, without name or time, so that it depends on the content alone."""
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()
