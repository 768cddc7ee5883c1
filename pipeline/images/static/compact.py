"""Make an image anew with the same files and few hidden bytes, off the critical path.

Only base layers of which much is hidden are made anew, with all changes that fell into them; the
changes to the others become one delta layer. So what is sent follows from where a site changes.
"""

import tempfile
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.git.objects import ObjectStore
from pipeline.images.static.base_layers import BaseLayer, by_group, image_files, make_base_layers
from pipeline.images.static.image.annotations import DELTA, ROLE, role_of
from pipeline.images.static.image.manifest import assemble
from pipeline.images.static.image.previous import StaticImage, compacted_tag
from pipeline.images.static.image.push import Pusher
from pipeline.images.static.layers.merge import LayerIndex, copy_member, fetch_layers, files_of, index_layers
from pipeline.images.static.layers.progress import show_progress
from pipeline.images.static.layers.reader import Member
from pipeline.images.static.layers.tar import LayerBuilder, LayerTar, folders_of
from pipeline.images.static.layers.writer import FAST, Layer
from pipeline.images.static.path_groups import GroupBoundaries, choose_boundaries
from pipeline.registry import Blob, connect

_WASTE = 0.1
"""The part of a base layer that deltas may have replaced before it is made anew."""
_REBALANCE = 0.5
"""With a larger part of the groups stale, the tree is cut anew: old borders would save little."""


@dataclass(frozen=True)
class CompactedImage:
    """The new image, and what it took."""

    image: StaticImage
    sent: int
    reused: int
    """Base layers that stayed as they were."""


@dataclass(frozen=True)
class _Base:
    """Base layers, and which of the old groups they replace."""

    made: list[BaseLayer]
    stale: frozenset[str]
    boundaries: GroupBoundaries
    """The old ones."""


def compact(objects: ObjectStore, old: StaticImage) -> CompactedImage:
    """Push an image with the files of `old` (kept ones too) whose layers hide little, and return it."""
    registry, root = connect(old.ref.host), old.state.content_path.strip("/")
    with (
        tempfile.TemporaryDirectory(prefix="tandem-compact-") as folder,
        Pusher(registry, old.ref.path) as pusher,
        show_progress(pusher.progress.text),
    ):
        builder = LayerBuilder(objects, root, Path(folder), FAST, pusher.progress)
        deltas = list(fetch_layers(registry, old.ref, [layer for layer, _ in old.deltas], builder.folder))
        merged = index_layers(deltas, builder.root)
        base = _base(builder, pusher, old, merged)
        layers = [(layer.descriptor, layer.diff_id) for layer in base.made]
        rest = _rest(builder, old, merged, deltas, base)
        if rest:
            pusher.push_layers([rest])
            layers.append((rest.blob.descriptor, rest.diff_id))
        state = replace(old.state, dead=_still_dead(old, merged, base), base_build=old.state.number)
        image = assemble(old.runtime_image, layers, state, compacted=True)
        pusher.push(image.config)
        pusher.wait()
        for tag in (image.tag, compacted_tag(old.ref)):
            ref = registry.push_manifest(old.ref.path, image.manifest, tag)
        there = {layer.digest for layer, _ in old.base}
        reused = sum(layer.descriptor.digest in there for layer in base.made)
        new = StaticImage(ref, image.manifest, state)
        return CompactedImage(new, pusher.progress.sent, reused)


def stale_groups(boundaries: GroupBoundaries, merged: LayerIndex, sizes: Mapping[str, int]) -> frozenset[str]:
    """The groups of which deltas have replaced much (at least the one with the most), by their names.

    A deletion that reaches over several groups binds them: they are made anew together or not at all.
    """
    replaced = Counter[str]()
    for path, count in merged.sizes.items():
        replaced[boundaries.group(path)] += count
    stale = {name for name, count in replaced.items() if count > _WASTE * sizes.get(name, 0)}
    if not stale and replaced:
        stale = {replaced.most_common(1)[0][0]}
    bound = [boundaries.touched(path) for path in merged.deletions]
    while more := {name for names in bound if names & stale for name in names} - stale:
        stale |= more
    return frozenset(stale)


def _base(builder: LayerBuilder, pusher: Pusher, old: StaticImage, merged: LayerIndex) -> _Base:
    there = {role_of(layer)[1]: BaseLayer(layer, diff_id, 0) for layer, diff_id in old.base}
    listing = builder.objects.listing(old.state.tree)
    builder.progress.total = sum(listed.size for listed in listing)
    was = boundaries = GroupBoundaries.named(tuple(there))
    stale = stale_groups(boundaries, merged, {name: layer.descriptor.size for name, layer in there.items()})
    if len(stale) > _REBALANCE * len(there):
        boundaries, stale = (
            choose_boundaries(sorted((listed.path, listed.size) for listed in listing)),
            frozenset(was.names),
        )
        there = {}
    groups = by_group(boundaries, image_files(listing, old.state.precompress))
    if there:
        groups = [group for group in groups if group[0] in stale]
    builder.progress.total = sum(
        listed.size for listed in listing if boundaries.group(listed.path) in {name for name, _ in groups}
    )
    made = make_base_layers(builder, groups, lambda layer: pusher.push_layers([layer]))
    fresh = {name: layer for (name, _), layer in zip(groups, made, strict=True)}
    layers = {name: layer for name, layer in there.items() if name not in stale} | fresh
    return _Base([layers[name] for name in boundaries.names if name in layers], stale, was)


def _rest(
    builder: LayerBuilder, old: StaticImage, merged: LayerIndex, deltas: Sequence[Blob], base: _Base
) -> Layer | None:
    """One delta layer of all that the base layers lack: changes to other groups, and kept files."""
    kept = {path for paths in old.state.pending for path in paths}
    wanted = {
        path: number
        for path, number in merged.winners.items()
        if path in kept or base.boundaries.group(path) not in base.stale
    }
    lost = {path for path in kept - merged.winners.keys() if base.boundaries.group(path) in base.stale}
    deletions = {path for path in merged.deletions if not base.boundaries.touched(path) & base.stale}
    if not wanted and not lost and not deletions:
        return None
    tar = LayerTar(builder.root, builder.writer(), deletions, folders_of([*wanted, *lost]))
    for number, delta in enumerate(deltas):
        for member in files_of(delta.pieces(), str(delta.descriptor.digest), builder.root):
            if wanted.get(member.path) == number:
                copy_member(tar, member)
    for member in _from_base(builder, old, base, lost):
        copy_member(tar, member)
    return tar.finish({ROLE: f"{DELTA} {old.state.number}"})


def _from_base(
    builder: LayerBuilder, old: StaticImage, base: _Base, lost: Collection[str]
) -> Iterator[Member]:
    """The files `lost` from old base layers that are no longer there."""
    needed = {base.boundaries.group(path) for path in lost}
    registry = connect(old.ref.host)
    for layer, _ in old.base:
        if role_of(layer)[1] in needed:
            pieces = registry.stream_blob(old.ref.path, layer.digest)
            found = files_of(pieces, str(layer.digest), builder.root)
            yield from (member for member in found if member.path in lost)


def _still_dead(old: StaticImage, merged: LayerIndex, base: _Base) -> int:
    """About how many bytes are still hidden: as many as the changes that stayed in the delta."""
    total = sum(merged.sizes.values())
    rest = sum(size for path, size in merged.sizes.items() if base.boundaries.group(path) not in base.stale)
    return old.state.dead * rest // total if total else 0
