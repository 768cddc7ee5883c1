"""Make the base layers of a whole tree, on all cores."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pipeline.core.values import Digest
from pipeline.git.objects import LINK, Listed
from pipeline.images.static.image.annotations import BASE, ROLE
from pipeline.images.static.layers.image_tree import GZ, Item, clashes, is_match, refuse
from pipeline.images.static.layers.tar import Kitchen, folders_of, write_layer
from pipeline.images.static.layers.writer import Layer
from pipeline.images.static.path_groups import Cuts, cut
from pipeline.registry import Descriptor


@dataclass(frozen=True)
class Made:
    """A layer of the image, and how many files it holds."""

    descriptor: Descriptor
    diff_id: Digest
    files: int


Group = tuple[str, Sequence[tuple[str, Item]]]


def grouped(listing: Sequence[Listed], precompress: tuple[str, ...]) -> tuple[list[Group], list[str]]:
    """All files of a tree and their compressed siblings by layer, and warnings."""
    for listed in listing:
        refuse(listed.path, listed.entry.mode)
    cuts = cut([(listed.path, listed.size) for listed in sorted(listing, key=lambda listed: listed.path)])
    return by_group(cuts, items(listing, precompress)), list(_warnings(listing))


def items(listing: Sequence[Listed], precompress: tuple[str, ...]) -> dict[str, Item]:
    """What the image of a whole tree holds, by path."""
    found = {listed.path: Item(listed.entry.id, listed.entry.mode) for listed in listing}
    folders = folders_of(found)
    for listed in listing:
        sibling = listed.path + GZ
        if (
            listed.entry.mode != LINK
            and is_match(listed.path, precompress)
            and sibling not in found
            and sibling not in folders
        ):
            found[sibling] = Item(listed.entry.id, 0o100644, compressed=True)
    return found


def by_group(cuts: Cuts, files: Mapping[str, Item]) -> list[Group]:
    found = defaultdict[str, list[tuple[str, Item]]](list)
    for path, item in files.items():
        found[cuts.group(path)].append((path, item))
    return [(name, found[name]) for name in cuts.names if found[name]]


def base_layers(kitchen: Kitchen, groups: Sequence[Group], push: Callable[[Layer], None]) -> list[Made]:
    """Make each group's layer and hand it to `push`, which may block while too many wait."""

    def make(group: Group) -> Made:
        name, files = group
        tar = write_layer(kitchen, files)
        layer = tar.finish({ROLE: f"{BASE} {name}"}, lowest=True)
        push(layer)
        return Made(layer.blob.descriptor, layer.diff_id, tar.files)

    pool = ThreadPoolExecutor(os.cpu_count() or 1, "layer")
    try:
        return list(pool.map(make, groups))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _warnings(listing: Sequence[Listed]) -> Iterator[str]:
    names = defaultdict[str, set[str]](set)
    for listed in listing:
        folder, _, name = listed.path.rpartition("/")
        names[folder].add(name)
        while folder:
            folder, _, name = folder.rpartition("/")
            names[folder].add(name)
    for folder in sorted(names):
        for one, other in clashes(names[folder]):
            yield f"{folder or '.'} has both {one} and {other}: some file systems take them for one"
