"""Build a static image: read the tree, plan what changed, make those layers, push."""

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.timing import Stopwatch
from pipeline.core.values import Digest, ImageRef
from pipeline.git.objects import EMPTY_TREES, Objects, open_objects
from pipeline.images.static.base_layers import base_layers, grouped
from pipeline.images.static.delta_layer import change_plan, make_change, next_state
from pipeline.images.static.image.annotations import State
from pipeline.images.static.image.manifest import Under, assemble, read_under
from pipeline.images.static.image.previous import Previous, find_previous, smaller
from pipeline.images.static.image.push import Pusher
from pipeline.images.static.layers.progress import showing
from pipeline.images.static.layers.tar import Kitchen
from pipeline.images.static.layers.writer import FAST, STABLE
from pipeline.images.static.plan import Plan
from pipeline.images.static.request import BuiltStatic, Order
from pipeline.registry import Descriptor, MissingBlobError, Registry, connect, copy_blobs

WASTE = 0.1
"""The part of an image's bytes that newer layers may hide before compaction pays."""
_LEAST = 1 << 20
"""Hidden bytes that no one needs to care about."""


def build(order: Order) -> BuiltStatic:
    """Build `order` and push it; what did not change is neither read, made nor sent."""
    return _Build(order).run()


class _Build:
    """One build under way."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._registry: Registry = connect(order.repository.partition("/")[0])
        self._path = order.repository.partition("/")[2]
        self._watch = Stopwatch()

    def run(self) -> BuiltStatic:
        order, watch = self._order, self._watch
        with watch.step("find"):
            previous = None if order.canonical else find_previous(self._registry, order)
        if previous and previous.state.commit == order.commit and self._fits(previous):
            return self._nothing(previous)
        with watch.step("read"):
            objects = open_objects(order.source, order.cache)
            tree = objects.tree_of(order.commit, order.path)
        if previous and previous.state.tree == tree and self._fits(previous):
            return self._nothing(previous)
        if tree in EMPTY_TREES and not order.may_be_empty:
            raise _empty(order)
        with tempfile.TemporaryDirectory(prefix="tandem-static-") as folder:
            previous = smaller(previous) if previous else None
            planned = self._plan(objects, previous, tree)
            with Pusher(self._registry, self._path) as pusher, showing(pusher.progress.text):
                codec = STABLE if order.canonical else FAST
                kitchen = Kitchen(objects, order.root, Path(folder), codec, pusher.progress)
                if previous and planned:
                    try:
                        return self._on_top(kitchen, pusher, previous, planned, tree)
                    except MissingBlobError as error:
                        console.info(f"reading the tree as a whole: {error.message}", style="yellow")
                return self._cold(kitchen, pusher, tree, previous.state.number + 1 if previous else 1)

    def _fits(self, previous: Previous) -> bool:
        """Whether the image is as this order would make it, for the same tree."""
        state, order = previous.state, self._order
        wanted = order.content_path, order.precompress, order.base.digest
        return wanted == (state.content_path, state.precompress, previous.under_digest)

    def _nothing(self, previous: Previous) -> BuiltStatic:
        ref = ImageRef(self._order.repository, previous.ref.digest)
        if ref != previous.ref:
            with self._watch.step("push"):
                copy_blobs(
                    previous.ref, (*previous.manifest.layers, previous.manifest.config), ref.repository
                )
                self._registry.push_manifest(self._path, previous.manifest)
        return self._built(replace(previous, ref=ref), "nothing")

    def _plan(self, objects: Objects, previous: Previous | None, tree: str) -> Plan | None:
        """What to put on top of `previous`; None where the tree must be read as a whole."""
        order = self._order
        if previous is None or previous.state.canonical or previous.state.content_path != order.content_path:
            return None
        try:
            with self._watch.step("plan"):
                return change_plan(objects, order, previous.state, tree)
        except TandemError as error:
            console.info(f"reading the tree as a whole: {error.message}", style="yellow")
            return None

    def _on_top(
        self, kitchen: Kitchen, pusher: Pusher, previous: Previous, planned: Plan, tree: str
    ) -> BuiltStatic:
        order = self._order
        _warn(planned.warnings)
        with self._watch.step("make"):
            change = make_change(kitchen, self._registry, previous, planned)
        state = next_state(previous.state, order, tree, change)
        with self._watch.step("push"):
            if change.new:
                pusher.push_layers([change.new])
            under = previous.under
            if order.base.digest != previous.under_digest:
                under = self._under()
            copy_blobs(previous.ref, (*previous.under.layers, *change.kept), order.repository)
            image = self._push(pusher, under, change.layers, state)
        return self._built(image, "delta", pusher, change.files)

    def _cold(self, kitchen: Kitchen, pusher: Pusher, tree: str, number: int) -> BuiltStatic:
        order = self._order
        with self._watch.step("list"):
            listing = kitchen.objects.listing(tree)
            groups, warnings = grouped(listing, order.precompress)
        kitchen.progress.total = sum(listed.size for listed in listing)
        _warn(warnings)
        with self._watch.step("make and push"):
            made = base_layers(kitchen, groups, lambda layer: pusher.push_layers([layer]))
            state = State(
                commit="" if order.canonical else order.commit,
                tree=tree,
                content_path=order.content_path,
                precompress=order.precompress,
                files=sum(layer.files for layer in made),
                number=number,
                cut=number,
                canonical=order.canonical,
            )
            layers = [(layer.descriptor, layer.diff_id) for layer in made]
            image = self._push(pusher, self._under(), layers, state)
        return self._built(image, "cold", pusher, state.files)

    def _under(self) -> Under:
        order = self._order
        under = read_under(connect(order.base.host), order.base)
        copy_blobs(order.base, under.layers, order.repository)
        return under

    def _push(
        self, pusher: Pusher, under: Under, layers: Sequence[tuple[Descriptor, Digest]], state: State
    ) -> Previous:
        """The image, once all of its blobs are there: until then no manifest names it."""
        image = assemble(under, layers, state)
        pusher.push(image.config)
        pusher.wait()
        ref = self._registry.push_manifest(self._path, image.manifest, image.tag)
        return Previous(ref, image.manifest, state)

    def _built(self, image: Previous, how: str, pusher: Pusher | None = None, files: int = 0) -> BuiltStatic:
        return BuiltStatic(
            image=image.ref,
            how=how,
            layers=len(image.manifest.layers),
            bytes=image.manifest.size,
            sent=pusher.progress.sent + len(image.manifest.dump()) if pusher else 0,
            files=files,
            steps=tuple(self._watch.steps),
            compaction_due=due(image),
        )


def due(image: Previous) -> str:
    """Why compaction would pay, or nothing."""
    dead = image.state.dead
    part = dead / max(image.manifest.size, 1)
    wasteful = part > WASTE and dead > _LEAST
    return f"about {part:.0%} of the image's bytes are hidden by newer ones" if wasteful else ""


def _empty(order: Order) -> TandemError:
    """Content that is suddenly gone is a mistake far more often than a wish."""
    return TandemError(
        f"commit {order.commit[:10]} has no file in {order.path!r}; the site would lose it all",
        hint="push the content again, or correct sources.static.path in tandem.toml",
    )


def _warn(warnings: Iterable[str]) -> None:
    for warning in warnings:
        console.info(f"warning: {warning}", style="yellow")
