"""Merge delta layers, size by size, so that a thousand builds leave a handful of layers."""

import math
import tarfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.core.values import ImageRef
from pipeline.images.static.layers.reader import Deletion, Member, members
from pipeline.images.static.layers.tar import LayerBuilder, LayerTar, folders_of
from pipeline.images.static.layers.tar_header import FILE, SYMLINK, TarHeader
from pipeline.images.static.layers.writer import Layer
from pipeline.registry import Blob, Descriptor, Registry

PER_TIER = 6
_IN_MEMORY = 4 << 20
_UNIT = 64 << 10
"""Compressed bytes of the lowest tier's layers; each tier holds layers six times as large."""


def tier(size: int) -> int:
    """The tier of a layer of `size` compressed bytes."""
    return max(0, math.ceil(math.log(max(size, 1) / _UNIT, PER_TIER)))


def to_merge(sizes: Sequence[int], room: int) -> int:
    """How many of the newest deltas (`sizes`, oldest first, the new one last) should be one layer.

    Layers that are smaller by a tier than what comes on top of them join it, and once six of a tier
    have gathered they become one of the next. So tiers only fall from the bottom up, layers stay few,
    and as each merge lifts bytes by a tier, each byte is sent again at most once for each tier.
    """
    if len(sizes) > room:
        return len(sizes)
    count = 1
    while True:
        level = tier(sum(sizes[-count:]))
        older = [tier(size) for size in reversed(sizes[:-count])]
        smaller = next((n for n, found in enumerate(older) if found >= level), len(older))
        equal = next((n for n, found in enumerate(older[smaller:]) if found > level), len(older) - smaller)
        joined = smaller + (equal if equal + 1 >= PER_TIER else 0)
        if not joined:
            return count
        count += joined


@dataclass
class LayerIndex:
    """What the merged layer will hold: for each path the index of the layer that has it."""

    winners: dict[str, int] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    deletions: set[str] = field(default_factory=set)


def merge(layers: Sequence[Blob], builder: LayerBuilder, annotations: dict[str, str]) -> Layer:
    """One layer that does what `layers`, the oldest first, do one after another."""
    root = builder.root
    merged = index_layers(layers, root)
    recreated = folders_of(merged.winners)
    tar = LayerTar(root, builder.writer(), merged.deletions, recreated)
    for number, layer in enumerate(layers):
        for member in files_of(layer.pieces(), str(layer.descriptor.digest), root):
            if merged.winners.get(member.path) == number:
                copy_member(tar, member)
    return tar.finish(annotations)


def fetch_layers(
    registry: Registry, ref: ImageRef, layers: Iterable[Descriptor], folder: Path
) -> Iterator[Blob]:
    """Layers of `ref`, brought here: the small in memory, the large into `folder`."""
    for layer in layers:
        if layer.size <= _IN_MEMORY:
            yield Blob(layer, registry.read_blob(ref.path, layer.digest))
            continue
        file = folder / f"fetched-{layer.digest.short}"
        with file.open("wb") as out:
            out.writelines(registry.stream_blob(ref.path, layer.digest))
        yield Blob(layer, file)


def index_layers(layers: Sequence[Blob], root: str) -> LayerIndex:
    """What `layers` come to, the oldest first.

    What newer ones have or delete hides what older ones have.
    """
    merged = LayerIndex()
    for number in reversed(range(len(layers))):
        deleted = set[str]()
        for path, size in _paths(layers[number], root):
            if size is None:
                deleted.add(path)
            elif path not in merged.winners and not _hidden(path, merged.deletions):
                merged.winners[path], merged.sizes[path] = number, size
        merged.deletions |= {path for path in deleted if not _hidden(path, merged.deletions)}
    return merged


def _hidden(path: str, deletions: Collection[str]) -> bool:
    return path in deletions or any(folder in deletions for folder in folders_of([path]))


def _paths(layer: Blob, root: str) -> Iterator[tuple[str, int | None]]:
    """What a layer holds with its size, and what it deletes with None."""
    for found in members(layer.pieces(), f"layer {layer.descriptor.digest}"):
        if isinstance(found, Deletion | Member):
            yield found.path.removeprefix(f"{root}/"), found.head.size if isinstance(found, Member) else None


def files_of(packed: Iterable[bytes], name: str, root: str) -> Iterator[Member]:
    """The files of a layer by their path below `root`; use each before the next."""
    for found in members(packed, f"layer {name}"):
        if isinstance(found, Member):
            yield Member(found.path.removeprefix(f"{root}/"), found.head, found.source)


def copy_member(tar: LayerTar, member: Member) -> None:
    """Write `member` into another layer as it is."""
    tar.copy(member.path, head_of(member.head), member.pieces())


def head_of(info: tarfile.TarInfo) -> TarHeader:
    """The header as it was written here."""
    kind = SYMLINK if info.issym() else FILE
    return TarHeader(info.name, kind, info.mode, info.size, int(info.mtime), info.linkname)
