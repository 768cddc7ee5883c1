"""Make the layer of one change on top of an image, merging it with earlier ones when their time has come."""

from dataclasses import dataclass, replace

from pipeline.core.values import Digest
from pipeline.git.objects import ObjectStore
from pipeline.images.static.delta_plan import DeltaPlan, plan
from pipeline.images.static.image.annotations import DELTA, ROLE, ContentState
from pipeline.images.static.image.previous import StaticImage
from pipeline.images.static.layers.image_tree import ImageTree, differences, related
from pipeline.images.static.layers.merge import fetch_layers, merge, to_merge
from pipeline.images.static.layers.tar import LayerBuilder, write_layer
from pipeline.images.static.layers.writer import Layer
from pipeline.images.static.request import BuildRequest
from pipeline.registry import Descriptor, Registry

MOST_LAYERS = 48
"""Layers of an image: runtimes fail above 125, and each one costs a pull some time."""


@dataclass(frozen=True)
class ImageChange:
    """What a build adds to the image before it."""

    plan: DeltaPlan
    layers: tuple[tuple[Descriptor, Digest], ...]
    """All content layers from now on."""
    new: Layer | None
    """The one of them that must be pushed."""
    files: int
    dead: int

    @property
    def kept(self) -> list[Descriptor]:
        """The layers that the image before it has too."""
        return [each for each, _ in (self.layers[:-1] if self.new else self.layers)]


def plan_change(objects: ObjectStore, request: BuildRequest, state: ContentState, tree: str) -> DeltaPlan:
    """What differs between the image that `state` describes and `tree`."""
    old = ImageTree(objects, state.tree, state.precompress)
    new = ImageTree(objects, tree, request.precompress)
    paths = differences(objects, state.tree, tree)
    if state.precompress != request.precompress:
        paths |= {listed.path for which in (state.tree, tree) for listed in objects.listing(which)}
    return plan(old, new, related(paths), state.pending, request.bridge)


def make_change(
    builder: LayerBuilder, registry: Registry, previous: StaticImage, planned: DeltaPlan
) -> ImageChange:
    """Make the delta layer of `planned`, merged with as many of the newest ones as the tiers ask for."""
    layers = (*previous.base, *previous.deltas)
    if not planned.files and not planned.deletions:
        return ImageChange(planned, layers, None, 0, 0)
    note = {ROLE: f"{DELTA} {previous.state.number + 1}"}
    layer, files, dead = _delta(builder, planned, previous, note)
    sizes = [descriptor.size for descriptor, _ in previous.deltas] + [layer.blob.descriptor.size]
    room = MOST_LAYERS - len(previous.runtime_image.layers) - len(previous.base)
    count = to_merge(sizes, room) - 1
    if count > 0:
        older = [descriptor for descriptor, _ in layers[-count:]]
        blobs = [*fetch_layers(registry, previous.ref, older, builder.folder), layer.blob]
        merged = merge(blobs, builder, note)
        dead -= sum(sizes[-count - 1 :]) - merged.blob.descriptor.size
        layer.drop()
        layers, layer = layers[:-count], merged
    return ImageChange(planned, (*layers, (layer.blob.descriptor, layer.diff_id)), layer, files, dead)


def next_state(previous: ContentState, request: BuildRequest, tree: str, change: ImageChange) -> ContentState:
    """The state after `change`."""
    added = len(change.plan.files) - change.plan.replaced - change.plan.dropped
    return replace(
        previous,
        commit=request.commit,
        tree=tree,
        precompress=request.precompress,
        files=max(previous.files + added, 0),
        dead=max(previous.dead + change.dead, 0),
        number=previous.number + 1,
        pending=change.plan.pending,
    )


def _delta(
    builder: LayerBuilder, planned: DeltaPlan, previous: StaticImage, note: dict[str, str]
) -> tuple[Layer, int, int]:
    """The layer, its number of files, and about how many bytes it hides."""
    builder.objects.ensure({item.blob for item in planned.files.values()})
    tar = write_layer(builder, planned.files.items(), planned.deletions, planned.recreated)
    layer = tar.finish(note)
    mean = sum(descriptor.size for descriptor, _ in previous.base) // max(previous.state.files, 1)
    # What is replaced was about as large as what replaces it; its own size is not known without reading it.
    replaced = layer.blob.descriptor.size * planned.replaced // max(len(planned.files), 1)
    return layer, tar.files, replaced + mean * planned.dropped
