"""Write the base layers of a whole tree, on all cores."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pipeline.core.interrupts import go_on
from pipeline.core.values import Digest
from pipeline.git.object_store import ListedFile
from pipeline.git.validation import LINK, clashes
from pipeline.images.static.image.annotations import BASE, ROLE
from pipeline.images.static.layers.image_tree import GZ, ImageFile, fits, is_match
from pipeline.images.static.layers.tar import LayerBuilder, folders_of, write_layer
from pipeline.images.static.layers.writer import Layer
from pipeline.images.static.path_groups import GroupBoundaries, choose_boundaries
from pipeline.registry import Descriptor


@dataclass(frozen=True)
class BaseLayer:
    """A base layer, the number of its files and their bytes; 0 for a layer that was not written now."""

    descriptor: Descriptor
    diff_id: Digest
    files: int
    bytes: int = 0


Group = tuple[str, Sequence[tuple[str, ImageFile]]]


def group_files(listing: Sequence[ListedFile], precompress: tuple[str, ...]) -> tuple[list[Group], list[str]]:
    """All files of a tree and their compressed siblings by group, and warnings."""
    boundaries = choose_boundaries(
        [(file.path, file.size) for file in sorted(listing, key=lambda file: file.path)]
    )
    return by_group(boundaries, image_files(listing, precompress)), list(_warnings(listing))


def image_files(listing: Sequence[ListedFile], precompress: tuple[str, ...]) -> dict[str, ImageFile]:
    """The files that the image of a whole tree holds, by path."""
    files = {file.path: ImageFile(file.entry.id, file.entry.mode) for file in listing}
    folders = folders_of(files)
    for file in listing:
        sibling = file.path + GZ
        if (
            file.entry.mode != LINK
            and is_match(file.path, precompress)
            and sibling not in files
            and sibling not in folders
            and fits(sibling)
        ):
            files[sibling] = ImageFile(file.entry.id, 0o100644, compressed=True)
    return files


def by_group(boundaries: GroupBoundaries, files: Mapping[str, ImageFile]) -> list[Group]:
    """The files of each group, in the order of the layers; groups without files are left out."""
    groups = defaultdict[str, list[tuple[str, ImageFile]]](list)
    for path, file in files.items():
        groups[boundaries.group(path)].append((path, file))
    return [(name, groups[name]) for name in boundaries.names if groups[name]]


def make_base_layers(
    builder: LayerBuilder, groups: Sequence[Group], push: Callable[[Layer], None]
) -> list[BaseLayer]:
    """Write the layer of each group and call `push` with it, which may block while too many wait.

    Raises:
        TandemError: A file cannot be in an image, or a blob is missing.
    """

    def make(group: Group) -> BaseLayer:
        go_on()
        name, files = group
        tar = write_layer(builder, files)
        layer = tar.finish({ROLE: f"{BASE} {name}"}, lowest=True)
        push(layer)
        return BaseLayer(layer.blob.descriptor, layer.diff_id, tar.files, tar.bytes)

    pool = ThreadPoolExecutor(os.cpu_count() or 1, "layer")
    try:
        return list(pool.map(make, groups))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _warnings(listing: Sequence[ListedFile]) -> Iterator[str]:
    names = defaultdict[str, set[str]](set)
    for file in listing:
        folder, _, name = file.path.rpartition("/")
        names[folder].add(name)
        while folder:
            folder, _, name = folder.rpartition("/")
            names[folder].add(name)
    for folder in sorted(names):
        for one, other in clashes(names[folder]):
            yield f"{folder or '.'} has both {one} and {other}: some file systems treat them as one"
