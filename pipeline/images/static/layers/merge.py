"""Merge delta layers by tiers of size, so that a thousand builds leave few layers."""

import math
import tarfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.core.values import ImageRef
from pipeline.images.static.layers.layer_reader import Deletion, Member, members
from pipeline.images.static.layers.tar import LayerBuilder, LayerTar, folders_of
from pipeline.images.static.layers.tar_header import FILE, SYMLINK, TarHeader
from pipeline.images.static.layers.writer import Layer
from pipeline.registry import Blob, Descriptor, Registry

PER_TIER = 6
_IN_MEMORY = 4 << 20
_UNIT = 64 << 10
"""Compressed bytes of the layers of the lowest tier; each tier has layers six times as large."""


def tier(size: int) -> int:
    """The tier of a layer of `size` compressed bytes."""
    return max(0, math.ceil(math.log(max(size, 1) / _UNIT, PER_TIER)))


def to_merge(sizes: Sequence[int], room: int) -> int:
    """How many of the newest deltas should become one layer; `sizes` has the oldest first, the new one last.

    Layers of a lower tier than the one on top of them join it. Six layers of a tier become one of the next.
    So tiers only fall from the bottom up, and layers stay few. As each merge lifts bytes by a tier, a byte is
    sent again at most once for each tier.
    """
    if len(sizes) > room:
        return len(sizes)
    count = 1
    while True:
        level = tier(sum(sizes[-count:]))
        older = [tier(size) for size in reversed(sizes[:-count])]
        smaller = next((n for n, older_tier in enumerate(older) if older_tier >= level), len(older))
        rest = older[smaller:]
        equal = next((n for n, older_tier in enumerate(rest) if older_tier > level), len(rest))
        joined_count = smaller + (equal if equal + 1 >= PER_TIER else 0)
        if not joined_count:
            return count
        count += joined_count


@dataclass
class LayerIndex:
    """The content of a merged layer: for each path the index of the layer to take it from."""

    winners: dict[str, int] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    deletions: set[str] = field(default_factory=set)
    bytes: int = 0
    """Bytes of all files in all of the layers, hidden ones included."""


def merge(layers: Sequence[Blob], builder: LayerBuilder, annotations: dict[str, str]) -> tuple[Layer, int]:
    """One layer with the effect of `layers`, the oldest first, and the bytes of files that it no longer has.

    Raises:
        TandemError: A layer is damaged.
    """
    root = builder.root
    index = index_layers(layers, root)
    recreated = folders_of(index.winners)
    tar = LayerTar(root, builder.writer(), index.deletions, recreated)
    for number, layer in enumerate(layers):
        for member in files_of(layer.pieces(), str(layer.descriptor.digest), root):
            if index.winners.get(member.path) == number:
                copy_member(tar, member)
    return tar.finish(annotations), index.bytes - tar.bytes


def fetch_layers(
    registry: Registry, ref: ImageRef, layers: Iterable[Descriptor], folder: Path
) -> Iterator[Blob]:
    """Download layers of `ref`: small ones into memory, large ones into `folder`.

    Raises:
        TandemError: The registry refused, or a layer is damaged.
    """
    for layer in layers:
        if layer.size <= _IN_MEMORY:
            yield Blob(layer, registry.read_blob(ref.path, layer.digest, layer.size))
            continue
        file = folder / f"fetched-{layer.digest.short}"
        with file.open("wb") as out:
            out.writelines(registry.stream_blob(ref.path, layer.digest, layer.size))
        yield Blob(layer, file)


def index_layers(layers: Sequence[Blob], root: str) -> LayerIndex:
    """The content of `layers` together, the oldest first; newer layers hide files of older ones.

    Raises:
        TandemError: A layer is damaged.
    """
    index = LayerIndex()
    for number in reversed(range(len(layers))):
        deleted_paths = set[str]()
        for path, size in _paths(layers[number], root):
            index.bytes += size or 0
            if size is None:
                deleted_paths.add(path)
            elif path not in index.winners and not _hidden(path, index.deletions):
                index.winners[path], index.sizes[path] = number, size
        index.deletions |= {path for path in deleted_paths if not _hidden(path, index.deletions)}
    return index


def _hidden(path: str, deletions: Collection[str]) -> bool:
    return path in deletions or any(folder in deletions for folder in folders_of([path]))


def _paths(layer: Blob, root: str) -> Iterator[tuple[str, int | None]]:
    """The files of a layer with their sizes, and its deletions with None."""
    for entry in members(layer.pieces(), f"layer {layer.descriptor.digest}"):
        if isinstance(entry, Deletion | Member):
            yield entry.path.removeprefix(f"{root}/"), entry.head.size if isinstance(entry, Member) else None


def files_of(packed: Iterable[bytes], name: str, root: str) -> Iterator[Member]:
    """The files of a layer with their paths below `root`; use each before the next.

    Raises:
        TandemError: The layer is damaged.
    """
    for entry in members(packed, f"layer {name}"):
        if isinstance(entry, Member):
            yield Member(entry.path.removeprefix(f"{root}/"), entry.head, entry.source)


def copy_member(tar: LayerTar, member: Member) -> None:
    """Copy `member` into another layer."""
    tar.copy(member.path, head_of(member.head), member.pieces())


def head_of(info: tarfile.TarInfo) -> TarHeader:
    """The header from which `info` was parsed."""
    kind = SYMLINK if info.issym() else FILE
    return TarHeader(info.name, kind, info.mode, info.size, int(info.mtime), info.linkname)
