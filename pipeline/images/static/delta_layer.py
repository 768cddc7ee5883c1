"""Make the layer of one change on top of an image, merging it with earlier ones when their time has come."""

from dataclasses import dataclass, replace

from pipeline.core.values import Digest
from pipeline.git.objects import Objects
from pipeline.images.static.image.annotations import DELTA, ROLE, State
from pipeline.images.static.image.previous import Previous
from pipeline.images.static.layers.image_tree import View, differences, related
from pipeline.images.static.layers.merge import fetched, merge, to_merge
from pipeline.images.static.layers.tar import Kitchen, write_layer
from pipeline.images.static.layers.writer import Layer
from pipeline.images.static.plan import Plan, plan
from pipeline.images.static.request import Order
from pipeline.registry import Descriptor, Registry

MOST_LAYERS = 48
"""Layers of an image: runtimes fail above 125, and each one costs a pull some time."""


@dataclass(frozen=True)
class Change:
    """What a build adds to the image before it."""

    plan: Plan
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


def change_plan(objects: Objects, order: Order, state: State, tree: str) -> Plan:
    """What differs between the image that `state` describes and `tree`."""
    old = View(objects, state.tree, state.precompress)
    new = View(objects, tree, order.precompress)
    paths = differences(objects, state.tree, tree)
    if state.precompress != order.precompress:
        paths |= {listed.path for which in (state.tree, tree) for listed in objects.listing(which)}
    return plan(old, new, related(paths), state.pending, order.bridge)


def make_change(kitchen: Kitchen, registry: Registry, previous: Previous, planned: Plan) -> Change:
    """Make the delta layer of `planned`, merged with as many of the newest ones as the tiers ask for."""
    layers = (*previous.base, *previous.deltas)
    if not planned.files and not planned.gone:
        return Change(planned, layers, None, 0, 0)
    note = {ROLE: f"{DELTA} {previous.state.number + 1}"}
    layer, files, dead = _delta(kitchen, planned, previous, note)
    sizes = [descriptor.size for descriptor, _ in previous.deltas] + [layer.blob.descriptor.size]
    room = MOST_LAYERS - len(previous.under.layers) - len(previous.base)
    count = to_merge(sizes, room) - 1
    if count > 0:
        older = [descriptor for descriptor, _ in layers[-count:]]
        blobs = [*fetched(registry, previous.ref, older, kitchen.folder), layer.blob]
        merged = merge(blobs, kitchen, note)
        dead -= sum(sizes[-count - 1 :]) - merged.blob.descriptor.size
        layer.drop()
        layers, layer = layers[:-count], merged
    return Change(planned, (*layers, (layer.blob.descriptor, layer.diff_id)), layer, files, dead)


def next_state(previous: State, order: Order, tree: str, change: Change) -> State:
    """The state after `change`."""
    added = len(change.plan.files) - change.plan.replaced - change.plan.dropped
    return replace(
        previous,
        commit=order.commit,
        tree=tree,
        precompress=order.precompress,
        files=max(previous.files + added, 0),
        dead=max(previous.dead + change.dead, 0),
        number=previous.number + 1,
        pending=change.plan.pending,
    )


def _delta(
    kitchen: Kitchen, planned: Plan, previous: Previous, note: dict[str, str]
) -> tuple[Layer, int, int]:
    """The layer, its number of files, and about how many bytes it hides."""
    kitchen.objects.ensure({item.blob for item in planned.files.values()})
    tar = write_layer(kitchen, planned.files.items(), planned.gone, planned.made_anew)
    layer = tar.finish(note)
    mean = sum(descriptor.size for descriptor, _ in previous.base) // max(previous.state.files, 1)
    # What is replaced was about as large as what replaces it; its own size is not known without reading it.
    replaced = layer.blob.descriptor.size * planned.replaced // max(len(planned.files), 1)
    return layer, tar.files, replaced + mean * planned.dropped
