"""Turn git blobs into a layer's files: links checked, pointers refused, siblings compressed."""

import posixpath
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.core.errors import TandemError
from pipeline.git.blobs import GitObject
from pipeline.git.objects import LINK as GIT_LINK
from pipeline.git.objects import ObjectStore
from pipeline.git.tree import mtime_of
from pipeline.images.static.layers.image_tree import GZ, ImageFile
from pipeline.images.static.layers.tar_header import FILE, LINK, TarHeader

_LFS = b"version https://git-lfs.github.com/spec/"
_POINTER = 1024
LARGEST_COMPRESSED = 32 << 20
"""Bytes of the largest file that gets a compressed sibling: it is made in memory."""


@dataclass(frozen=True, slots=True)
class LayerFile:
    """One file on its way into a layer; without a head it is a sibling that would not have been smaller."""

    path: str
    head: TarHeader | None
    pieces: Iterable[bytes] = ()


def layer_files(
    objects: ObjectStore, files: Iterable[tuple[str, ImageFile]], root: str
) -> Iterator[LayerFile]:
    """The files under `root` (no leading slash), read through one process; consume each before the next."""
    jobs = _jobs(files)
    with objects.contents([job[0][1].blob for job in jobs]) as found:
        for content, job in zip(found, jobs, strict=True):
            yield from _parts(content, job, root)


def _jobs(files: Iterable[tuple[str, ImageFile]]) -> list[list[tuple[str, ImageFile]]]:
    """Each file alone, but a sibling with its original, so that their blob is read once."""

    def request(file: tuple[str, ImageFile]) -> tuple[str, bool]:
        path, item = file
        return (path.removesuffix(GZ), True) if item.compressed else (path, False)

    jobs: list[list[tuple[str, ImageFile]]] = []
    for path, item in sorted(files, key=request):
        if item.compressed and jobs and jobs[-1][0][0] == path.removesuffix(GZ):
            jobs[-1].append((path, item))
        else:
            jobs.append([(path, item)])
    return jobs


def _parts(content: GitObject, job: Sequence[tuple[str, ImageFile]], root: str) -> Iterator[LayerFile]:
    path, item = job[0]
    if item.mode == GIT_LINK:
        yield LayerFile(path, _link(path, content.read(), root, mtime_of(item.blob)))
    elif content.size > LARGEST_COMPRESSED or (len(job) == 1 and not item.compressed):
        yield from (LayerFile(where, None) for where, each in job if each.compressed)
        yield from (_plain(where, each, content, root) for where, each in job if not each.compressed)
    else:
        yield from _copies(content.read(), job, root)


def _copies(data: bytes, job: Sequence[tuple[str, ImageFile]], root: str) -> Iterator[LayerFile]:
    for path, item in job:
        _refuse_pointer(path, data)
        packed = _sibling(data) if item.compressed else data
        if packed is data:
            yield _file(path, item, len(data), root, (data,))
        elif len(packed) < len(data):
            yield _file(path, item, len(packed), root, (packed,))
        else:
            yield LayerFile(path, None)


def _plain(path: str, item: ImageFile, content: GitObject, root: str) -> LayerFile:
    if content.size > _POINTER:
        return _file(path, item, content.size, root, content.pieces())
    data = content.read()
    _refuse_pointer(path, data)
    return _file(path, item, len(data), root, (data,))


def _file(path: str, item: ImageFile, size: int, root: str, pieces: Iterable[bytes]) -> LayerFile:
    mode = 0o755 if item.mode & 0o100 else 0o644
    return LayerFile(path, TarHeader(f"{root}/{path}", FILE, mode, size, mtime_of(item.blob)), pieces)


def _sibling(data: bytes) -> bytes:
    """`data` as gzip, without name or time, so that it depends on the content alone."""
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()


def _link(path: str, target: bytes, root: str, mtime: int) -> TarHeader:
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
    return TarHeader(f"{root}/{path}", LINK, 0o777, 0, mtime, text)


def _refuse_pointer(path: str, data: bytes) -> None:
    if len(data) <= _POINTER and data.startswith(_LFS):
        raise TandemError(
            f"{path} is a Git LFS pointer: its content is not in git",
            hint="git lfs migrate export --include=PATTERN, then commit and push",
        )
