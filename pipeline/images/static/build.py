"""Build a static image: find the one before it, plan what changed, write those layers, push."""

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.steps import Stopwatch
from pipeline.core.values import Digest, ImageRef, Source
from pipeline.git.object_store import EMPTY_TREES, ObjectStore
from pipeline.git.remote import open_object_store
from pipeline.images.static.base_layers import group_files, make_base_layers
from pipeline.images.static.delta_layer import make_change, next_state, plan_change
from pipeline.images.static.delta_plan import DeltaPlan
from pipeline.images.static.image.annotations import ContentState
from pipeline.images.static.image.assembly import RuntimeImage, assemble, read_runtime_image
from pipeline.images.static.image.previous import StaticImage, find_previous, lost_blobs, prefer_compacted
from pipeline.images.static.image.push import Pusher
from pipeline.images.static.layers.progress import show_progress
from pipeline.images.static.layers.tar import LayerBuilder
from pipeline.images.static.layers.writer import FAST, STABLE
from pipeline.images.static.request import BuildRequest, BuiltStatic
from pipeline.registry import Descriptor, MissingBlobError, Registry, connect, copy_blobs

HIDDEN_PART = 0.1
"""The part of an image's bytes that newer layers may hide before compaction pays."""
_NEGLIGIBLE = 1 << 20
"""Hidden bytes that do not matter."""


def build(request: BuildRequest) -> BuiltStatic:
    """Build the requested image and push it; what did not change is neither read, written nor sent.

    Raises:
        TandemError: The commit is missing, a file cannot be in an image, or a registry refused.
    """
    return _Build(request).run()


class _Build:
    """One build."""

    def __init__(self, request: BuildRequest) -> None:
        self._request = request
        self._registry: Registry = connect(request.repository.partition("/")[0])
        self._path = request.repository.partition("/")[2]
        self._watch = Stopwatch()
        self._is_lost = False
        """Whether the registry lost a part of the previous image, so that nothing may be built on it."""

    def run(self) -> BuiltStatic:
        request, watch = self._request, self._watch
        with watch.step("find"):
            previous = None if request.canonical else find_previous(self._registry, request)
        if previous and previous.state.commit == request.commit and self._is_complete(previous):
            return self._reuse(previous)
        with watch.step("read"):
            objects = open_object_store(request.source, request.cache, Source.STATIC)
            tree = objects.tree_of(request.commit, request.path)
        if previous and previous.state.tree == tree and self._is_complete(previous):
            return self._reuse(previous)
        if tree in EMPTY_TREES and not request.may_be_empty:
            raise _no_content_error(request)
        with tempfile.TemporaryDirectory(prefix="tandem-static-") as folder:
            previous = prefer_compacted(previous) if previous and not self._is_lost else previous
            plan = self._plan(objects, previous, tree)
            with Pusher(self._registry, self._path) as pusher, show_progress(pusher.progress.text):
                codec = STABLE if request.canonical else FAST
                builder = LayerBuilder(objects, request.root, Path(folder), codec, pusher.progress)
                if previous and plan:
                    try:
                        return self._build_delta(builder, pusher, previous, plan, tree)
                    except MissingBlobError as error:
                        console.info(f"reading the tree as a whole: {error.message}", style="yellow")
                return self._build_cold(builder, pusher, tree, previous.state.number + 1 if previous else 1)

    def _is_current(self, previous: StaticImage) -> bool:
        """Whether the image is what this request would build from the same tree."""
        state, request = previous.state, self._request
        expected = request.content_path, request.precompress, request.runtime_image.digest
        return expected == (state.content_path, state.precompress, previous.runtime_image_digest)

    def _is_complete(self, previous: StaticImage) -> bool:
        """Whether the image is current, and can be pulled: the registry still has its layers."""
        if not self._is_current(previous):
            return False
        missing_blobs = [] if self._is_lost else lost_blobs(previous)
        if missing_blobs:
            self._is_lost = True
            console.info(
                f"building again: the registry lost {missing_blobs[0].digest} of {previous.ref}",
                style="yellow",
            )
        return not self._is_lost

    def _reuse(self, previous: StaticImage) -> BuiltStatic:
        """`previous` as the result, copied if it is in another repository."""
        ref = ImageRef(self._request.repository, previous.ref.digest)
        if ref != previous.ref:
            with self._watch.step("push"):
                copy_blobs(
                    previous.ref, (*previous.manifest.layers, previous.manifest.config), ref.repository
                )
                self._registry.push_manifest(self._path, previous.manifest)
        return self._result(replace(previous, ref=ref), "nothing")

    def _plan(self, objects: ObjectStore, previous: StaticImage | None, tree: str) -> DeltaPlan | None:
        """What a layer on top of `previous` must hold; None if the whole tree must be read."""
        request = self._request
        if (
            previous is None
            or self._is_lost
            or previous.state.canonical
            or previous.state.content_path != request.content_path
        ):
            return None
        try:
            with self._watch.step("plan"):
                return plan_change(objects, request, previous.state, tree)
        except TandemError as error:
            console.info(f"reading the tree as a whole: {error.message}", style="yellow")
            return None

    def _build_delta(
        self, builder: LayerBuilder, pusher: Pusher, previous: StaticImage, plan: DeltaPlan, tree: str
    ) -> BuiltStatic:
        request = self._request
        _warn(plan.warnings)
        with self._watch.step("make"):
            change = make_change(builder, self._registry, previous, plan)
        state = next_state(previous.state, request, tree, change)
        with self._watch.step("push"):
            if change.new:
                pusher.push_layers([change.new])
            runtime_image = previous.runtime_image
            if request.runtime_image.digest != previous.runtime_image_digest:
                runtime_image = self._runtime_image()
            copy_blobs(previous.ref, (*previous.runtime_image.layers, *change.reused), request.repository)
            image = self._push(pusher, runtime_image, change.layers, state)
        return self._result(image, "delta", pusher, change.files)

    def _build_cold(self, builder: LayerBuilder, pusher: Pusher, tree: str, number: int) -> BuiltStatic:
        request = self._request
        with self._watch.step("list"):
            listing = builder.objects.listing(tree)
            groups, warnings = group_files(listing, request.precompress)
        builder.progress.total = sum(file.size for file in listing)
        _warn(warnings)
        with self._watch.step("make and push"):
            base_layers = make_base_layers(builder, groups, lambda layer: pusher.push_layers([layer]))
            state = ContentState(
                commit="" if request.canonical else request.commit,
                tree=tree,
                content_path=request.content_path,
                precompress=request.precompress,
                files=sum(layer.files for layer in base_layers),
                bytes=sum(layer.bytes for layer in base_layers),
                number=number,
                base_build=number,
                canonical=request.canonical,
            )
            layers = [(layer.descriptor, layer.diff_id) for layer in base_layers]
            image = self._push(pusher, self._runtime_image(), layers, state)
        return self._result(image, "cold", pusher, state.files)

    def _runtime_image(self) -> RuntimeImage:
        request = self._request
        runtime_image = read_runtime_image(connect(request.runtime_image.host), request.runtime_image)
        copy_blobs(request.runtime_image, runtime_image.layers, request.repository)
        return runtime_image

    def _push(
        self,
        pusher: Pusher,
        runtime_image: RuntimeImage,
        layers: Sequence[tuple[Descriptor, Digest]],
        state: ContentState,
    ) -> StaticImage:
        """Push the manifest once the registry has all blobs: no manifest names a missing blob."""
        image = assemble(runtime_image, layers, state)
        pusher.push(image.config)
        pusher.wait()
        ref = self._registry.push_manifest(self._path, image.manifest, image.tag)
        return StaticImage(ref, image.manifest, state)

    def _result(
        self, image: StaticImage, how: str, pusher: Pusher | None = None, files: int = 0
    ) -> BuiltStatic:
        return BuiltStatic(
            image=image.ref,
            how=how,
            layers=len(image.manifest.layers),
            bytes=image.manifest.size,
            sent=pusher.progress.sent + len(image.manifest.dump()) if pusher else 0,
            files=files,
            steps=tuple(self._watch.steps),
            compaction_due=compaction_reason(image),
        )


def compaction_reason(image: StaticImage) -> str:
    """Why compaction would pay; empty if it would save little."""
    dead = image.state.dead
    part = dead / max(image.state.bytes, 1)
    wasteful = part > HIDDEN_PART and dead > _NEGLIGIBLE
    return f"about {part:.0%} of the image's bytes are hidden by newer ones" if wasteful else ""


def _no_content_error(request: BuildRequest) -> TandemError:
    """Content that is suddenly missing is a mistake far more often than intended."""
    return TandemError(
        f"commit {request.commit[:10]} has no file in {request.path!r}; the site would lose it all",
        hint="push the content again, or correct sources.static.path in tandem.toml",
    )


def _warn(warnings: Iterable[str]) -> None:
    for warning in warnings:
        console.info(f"warning: {warning}", style="yellow")
