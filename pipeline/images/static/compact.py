"""Rebuild an image with the same files and few hidden bytes, off the critical path of a release.

Only base layers of which much is hidden are rebuilt, with all changes to their files. The changes to the
other groups become one delta layer. So the bytes that are sent depend on where a site changes.
"""

import tempfile
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.git.object_store import ObjectStore
from pipeline.images.static.base_layers import BaseLayer, by_group, image_files, make_base_layers
from pipeline.images.static.image.annotations import DELTA, ROLE, role_of
from pipeline.images.static.image.assembly import assemble
from pipeline.images.static.image.previous import StaticImage, compacted_tag
from pipeline.images.static.image.push import Pusher
from pipeline.images.static.layers.layer_reader import Member
from pipeline.images.static.layers.merge import LayerIndex, copy_member, fetch_layers, files_of, index_layers
from pipeline.images.static.layers.progress import show_progress
from pipeline.images.static.layers.tar import LayerBuilder, LayerTar, folders_of
from pipeline.images.static.layers.writer import FAST, Layer
from pipeline.images.static.path_groups import GroupBoundaries, choose_boundaries
from pipeline.registry import Blob, connect

_HIDDEN_PART = 0.1
"""The part of a base layer that deltas may replace before the layer is rebuilt."""
_REBALANCE = 0.5
"""The part of the groups that may be stale before new boundaries are chosen: old ones would save little."""


@dataclass(frozen=True)
class CompactedImage:
    """The new image, and the cost of compaction."""

    image: StaticImage
    sent: int
    reused: int
    """Base layers that did not change."""


@dataclass(frozen=True)
class _Rebuilt:
    """The base layers of the new image, and the old groups that they replace."""

    layers: list[BaseLayer]
    stale: frozenset[str]
    boundaries: GroupBoundaries
    """The old boundaries."""


def compact(objects: ObjectStore, old: StaticImage) -> CompactedImage:
    """Push an image with the files of `old`, kept ones included, whose layers hide few bytes.

    Raises:
        TandemError: git no longer has a blob, or the registry refused.
    """
    registry, root = connect(old.ref.host), old.state.content_path.strip("/")
    with (
        tempfile.TemporaryDirectory(prefix="tandem-compact-") as folder,
        Pusher(registry, old.ref.path) as pusher,
        show_progress(pusher.progress.text),
    ):
        builder = LayerBuilder(objects, root, Path(folder), FAST, pusher.progress)
        deltas = list(
            fetch_layers(registry, old.ref, [layer for layer, _ in old.delta_layers], builder.folder)
        )
        index = index_layers(deltas, builder.root)
        rebuilt = _rebuild_base_layers(builder, pusher, old, index)
        layers = [(layer.descriptor, layer.diff_id) for layer in rebuilt.layers]
        delta = _remaining_delta(builder, old, index, deltas, rebuilt)
        if delta:
            pusher.push_layers([delta])
            layers.append((delta.blob.descriptor, delta.diff_id))
        dead = _still_hidden(old, index, rebuilt)
        live = max(old.state.bytes - old.state.dead, 0)
        state = replace(old.state, dead=dead, bytes=live + dead, base_build=old.state.number)
        image = assemble(old.runtime_image, layers, state, compacted=True)
        pusher.push(image.config)
        pusher.wait()
        for tag in (image.tag, compacted_tag(old.ref)):
            ref = registry.push_manifest(old.ref.path, image.manifest, tag)
        old_digests = {layer.digest for layer, _ in old.base_layers}
        reused = sum(layer.descriptor.digest in old_digests for layer in rebuilt.layers)
        new = StaticImage(ref, image.manifest, state)
        return CompactedImage(new, pusher.progress.sent, reused)


def stale_groups(boundaries: GroupBoundaries, index: LayerIndex, sizes: Mapping[str, int]) -> frozenset[str]:
    """The names of the groups of which deltas have replaced much; at least the one with the most.

    Groups that share a deletion are rebuilt together or not at all.
    """
    replaced_bytes = Counter[str]()
    for path, count in index.sizes.items():
        replaced_bytes[boundaries.group(path)] += count
    stale = {name for name, count in replaced_bytes.items() if count > _HIDDEN_PART * sizes.get(name, 0)}
    if not stale and replaced_bytes:
        stale = {replaced_bytes.most_common(1)[0][0]}
    groups_of_deletions = [boundaries.touched(path) for path in index.deletions]
    while more := {name for names in groups_of_deletions if names & stale for name in names} - stale:
        stale |= more
    return frozenset(stale)


def _rebuild_base_layers(
    builder: LayerBuilder, pusher: Pusher, old: StaticImage, index: LayerIndex
) -> _Rebuilt:
    existing = {role_of(layer)[1]: BaseLayer(layer, diff_id, 0) for layer, diff_id in old.base_layers}
    listing = builder.objects.listing(old.state.tree)
    builder.progress.total = sum(file.size for file in listing)
    old_boundaries = boundaries = GroupBoundaries.from_names(tuple(existing))
    stale = stale_groups(boundaries, index, {name: layer.descriptor.size for name, layer in existing.items()})
    if len(stale) > _REBALANCE * len(existing):
        boundaries, stale = (
            choose_boundaries(sorted((file.path, file.size) for file in listing)),
            frozenset(old_boundaries.names),
        )
        existing = {}
    groups = by_group(boundaries, image_files(listing, old.state.precompress))
    if existing:
        groups = [group for group in groups if group[0] in stale]
    builder.progress.total = sum(
        file.size for file in listing if boundaries.group(file.path) in {name for name, _ in groups}
    )
    rebuilt = make_base_layers(builder, groups, lambda layer: pusher.push_layers([layer]))
    by_name = {name: layer for (name, _), layer in zip(groups, rebuilt, strict=True)}
    layers = {name: layer for name, layer in existing.items() if name not in stale} | by_name
    return _Rebuilt([layers[name] for name in boundaries.names if name in layers], stale, old_boundaries)


def _remaining_delta(
    builder: LayerBuilder, old: StaticImage, index: LayerIndex, deltas: Sequence[Blob], rebuilt: _Rebuilt
) -> Layer | None:
    """One delta layer with what the base layers lack: changes to the other groups, and kept files."""
    kept_paths = {path for paths in old.state.pending for path in paths}
    sources = {
        path: number
        for path, number in index.winners.items()
        if path in kept_paths or rebuilt.boundaries.group(path) not in rebuilt.stale
    }
    lost_paths = {
        path for path in kept_paths - index.winners.keys() if rebuilt.boundaries.group(path) in rebuilt.stale
    }
    deletions = {path for path in index.deletions if not rebuilt.boundaries.touched(path) & rebuilt.stale}
    if not sources and not lost_paths and not deletions:
        return None
    tar = LayerTar(builder.root, builder.writer(), deletions, folders_of([*sources, *lost_paths]))
    for number, delta in enumerate(deltas):
        for member in files_of(delta.pieces(), str(delta.descriptor.digest), builder.root):
            if sources.get(member.path) == number:
                copy_member(tar, member)
    for member in _from_old_base_layers(builder, old, rebuilt, lost_paths):
        copy_member(tar, member)
    return tar.finish({ROLE: f"{DELTA} {old.state.number}"})


def _from_old_base_layers(
    builder: LayerBuilder, old: StaticImage, rebuilt: _Rebuilt, lost_paths: Collection[str]
) -> Iterator[Member]:
    """The files `lost_paths`, which only the replaced base layers hold."""
    groups = {rebuilt.boundaries.group(path) for path in lost_paths}
    registry = connect(old.ref.host)
    for layer, _ in old.base_layers:
        if role_of(layer)[1] in groups:
            pieces = registry.stream_blob(old.ref.path, layer.digest, layer.size)
            members = files_of(pieces, str(layer.digest), builder.root)
            yield from (member for member in members if member.path in lost_paths)


def _still_hidden(old: StaticImage, index: LayerIndex, rebuilt: _Rebuilt) -> int:
    """An estimate of the bytes that are still hidden, in proportion to the changes that stay in the delta."""
    total = sum(index.sizes.values())
    rest = sum(
        size for path, size in index.sizes.items() if rebuilt.boundaries.group(path) not in rebuilt.stale
    )
    return old.state.dead * rest // total if total else 0
