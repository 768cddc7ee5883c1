"""Write the delta layer of one change, and merge it with earlier ones when the tiers require it."""

from dataclasses import dataclass, replace

from pipeline.core.values import Digest
from pipeline.git.object_store import ObjectStore
from pipeline.images.static.delta_plan import DeltaPlan, plan_delta
from pipeline.images.static.image.annotations import DELTA, ROLE, ContentState, role_of
from pipeline.images.static.image.previous import StaticImage
from pipeline.images.static.layers.image_tree import ImageFile, ImageTree, differences, related
from pipeline.images.static.layers.merge import fetch_layers, merge, to_merge
from pipeline.images.static.layers.tar import LayerBuilder, write_layer
from pipeline.images.static.layers.writer import Layer
from pipeline.images.static.request import BuildRequest
from pipeline.registry import Descriptor, Registry

MOST_LAYERS = 48
"""Layers of an image: runtimes fail above 125, and each one slows a pull."""

_SIBLING = 0.3
"""The usual part of a text that its compressed sibling has."""


@dataclass(frozen=True)
class ImageChange:
    """The difference between an image and the one before it."""

    plan: DeltaPlan
    layers: tuple[tuple[Descriptor, Digest], ...]
    """All content layers of the new image."""
    new: Layer | None
    """The layer among them that must be pushed."""
    files: int
    dead: int
    """How many more bytes are hidden than before."""
    bytes: int
    """How many more bytes all layers have than before."""

    @property
    def reused(self) -> list[Descriptor]:
        """The layers that the image before has too."""
        return [descriptor for descriptor, _ in (self.layers[:-1] if self.new else self.layers)]


def plan_change(objects: ObjectStore, request: BuildRequest, state: ContentState, tree: str) -> DeltaPlan:
    """The difference between the image that `state` describes and `tree`."""
    old = ImageTree(objects, state.tree, state.precompress)
    new = ImageTree(objects, tree, request.precompress)
    paths = differences(objects, state.tree, tree)
    if state.precompress != request.precompress:
        paths |= {file.path for root in (state.tree, tree) for file in objects.listing(root)}
    return plan_delta(old, new, related(paths), state.pending, request.bridge)


def make_change(
    builder: LayerBuilder, registry: Registry, previous: StaticImage, plan: DeltaPlan
) -> ImageChange:
    """Write the delta layer of `plan`, merged with as many of the newest ones as the tiers require.

    Raises:
        TandemError: A file cannot be in an image, or a blob is missing.
    """
    layers = (*previous.base_layers, *previous.delta_layers)
    if not plan.files and not plan.deletions:
        return ImageChange(plan, layers, None, 0, 0, 0)
    annotations = {ROLE: f"{DELTA} {previous.state.number + 1}"}
    builder.objects.ensure({file.blob for file in plan.files.values()})
    tar = write_layer(builder, plan.files.items(), plan.deletions, plan.recreated)
    layer, bytes_added = tar.finish(annotations), tar.bytes
    dead = _hidden_bytes(builder, plan, previous)
    sizes = [descriptor.size for descriptor, _ in previous.delta_layers] + [layer.blob.descriptor.size]
    room = MOST_LAYERS - len(previous.runtime_image.layers) - len(previous.base_layers)
    count = to_merge(sizes, room) - 1
    if count > 0:
        older = [descriptor for descriptor, _ in layers[-count:]]
        blobs = [*fetch_layers(registry, previous.ref, older, builder.folder), layer.blob]
        merged_layer, bytes_saved = merge(blobs, builder, annotations)
        dead, bytes_added = dead - bytes_saved, bytes_added - bytes_saved
        layer.drop()
        layers, layer = layers[:-count], merged_layer
    return ImageChange(
        plan, (*layers, (layer.blob.descriptor, layer.diff_id)), layer, tar.files, dead, bytes_added
    )


def next_state(previous: ContentState, request: BuildRequest, tree: str, change: ImageChange) -> ContentState:
    """The state after `change`."""
    files_added = len(change.plan.files) - len(change.plan.replaced) - len(change.plan.dropped)
    return replace(
        previous,
        commit=request.commit,
        tree=tree,
        precompress=request.precompress,
        files=max(previous.files + files_added, 0),
        dead=max(previous.dead + change.dead, 0),
        bytes=max(previous.bytes + change.bytes, 0),
        number=previous.number + 1,
        pending=change.plan.pending,
    )


def _hidden_bytes(builder: LayerBuilder, plan: DeltaPlan, previous: StaticImage) -> int:
    """The bytes that the layer of `plan` hides: of git's files if they are at hand, else by the mean."""
    hidden_files = {**plan.replaced, **plan.dropped}
    sizes = builder.objects.sizes({file.blob for file in hidden_files.values() if file})
    live = max(previous.state.bytes - previous.state.dead, 0)
    mean = live // max(previous.state.files, 1)
    alone = {role_of(layer)[1]: layer.size for layer, _ in previous.base_layers}

    def size(path: str, file: ImageFile | None) -> int:
        at_hand = sizes.get(file.blob) if file else None
        if at_hand is None:
            return alone.get(f"={path}", mean)
        return int(at_hand * _SIBLING) if file and file.compressed else at_hand

    return min(sum(size(path, file) for path, file in hidden_files.items()), live)
