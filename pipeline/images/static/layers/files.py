"""Turn git blobs into a layer's files: links checked, pointers refused, siblings compressed."""

import posixpath
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.core.errors import TandemError
from pipeline.git.blobs import Content
from pipeline.git.objects import LINK as GIT_LINK
from pipeline.git.objects import Objects
from pipeline.git.tree import mtime_of
from pipeline.images.static.layers.image_tree import GZ, Item
from pipeline.images.static.layers.tar_header import FILE, LINK, Head

_LFS = b"version https://git-lfs.github.com/spec/"
_POINTER = 1024
LARGEST_COMPRESSED = 32 << 20
"""Bytes of the largest file that gets a compressed sibling: it is made in memory."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file on its way into a layer; without a head it is a sibling that would not have been smaller."""

    path: str
    head: Head | None
    pieces: Iterable[bytes] = ()


def parts(objects: Objects, files: Iterable[tuple[str, Item]], root: str) -> Iterator[Part]:
    """The files under `root` (no leading slash), read through one process; consume each before the next."""
    jobs = _jobs(files)
    with objects.contents([job[0][1].blob for job in jobs]) as found:
        for content, job in zip(found, jobs, strict=True):
            yield from _parts(content, job, root)


def _jobs(files: Iterable[tuple[str, Item]]) -> list[list[tuple[str, Item]]]:
    """Each file alone, but a sibling with its original, so that their blob is read once."""

    def order(file: tuple[str, Item]) -> tuple[str, bool]:
        path, item = file
        return (path.removesuffix(GZ), True) if item.compressed else (path, False)

    jobs: list[list[tuple[str, Item]]] = []
    for path, item in sorted(files, key=order):
        if item.compressed and jobs and jobs[-1][0][0] == path.removesuffix(GZ):
            jobs[-1].append((path, item))
        else:
            jobs.append([(path, item)])
    return jobs


def _parts(content: Content, job: Sequence[tuple[str, Item]], root: str) -> Iterator[Part]:
    path, item = job[0]
    if item.mode == GIT_LINK:
        yield Part(path, _link(path, content.read(), root, mtime_of(item.blob)))
    elif content.size > LARGEST_COMPRESSED or (len(job) == 1 and not item.compressed):
        yield from (Part(where, None) for where, each in job if each.compressed)
        yield from (_plain(where, each, content, root) for where, each in job if not each.compressed)
    else:
        yield from _copies(content.read(), job, root)


def _copies(data: bytes, job: Sequence[tuple[str, Item]], root: str) -> Iterator[Part]:
    for path, item in job:
        _refuse_pointer(path, data)
        packed = _sibling(data) if item.compressed else data
        if packed is data:
            yield _file(path, item, len(data), root, (data,))
        elif len(packed) < len(data):
            yield _file(path, item, len(packed), root, (packed,))
        else:
            yield Part(path, None)


def _plain(path: str, item: Item, content: Content, root: str) -> Part:
    if content.size > _POINTER:
        return _file(path, item, content.size, root, content.pieces())
    data = content.read()
    _refuse_pointer(path, data)
    return _file(path, item, len(data), root, (data,))


def _file(path: str, item: Item, size: int, root: str, pieces: Iterable[bytes]) -> Part:
    mode = 0o755 if item.mode & 0o100 else 0o644
    return Part(path, Head(f"{root}/{path}", FILE, mode, size, mtime_of(item.blob)), pieces)


def _sibling(data: bytes) -> bytes:
    """`data` as gzip, without name or time, so that it depends on the content alone."""
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()


def _link(path: str, target: bytes, root: str, mtime: int) -> Head:
    text = target.decode(errors="surrogateescape")
    steps = text.split("/")
    climbs = next((i for i, step in enumerate(steps) if step != ".."), len(steps))
    # Only at the start does .. mean the folder that is written there: later ones may follow another link.
    inside = climbs <= path.count("/") and ".." not in steps[climbs:]
    if not text or posixpath.isabs(text) or not inside:
        raise TandemError(
            f"{path} is a link to {text!r}, which may lead out of the tree",
            hint="link to a path within the tree, with .. at its start only",
        )
    return Head(f"{root}/{path}", LINK, 0o777, 0, mtime, text)


def _refuse_pointer(path: str, data: bytes) -> None:
    if len(data) <= _POINTER and data.startswith(_LFS):
        raise TandemError(
            f"{path} is a Git LFS pointer: its content is not in git",
            hint="git lfs migrate export --include=PATTERN, then commit and push",
        )
