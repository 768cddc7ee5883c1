"""Build the images of one content size, and their copies that no image store has."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.compare.builds import TemporaryRegistries, content_project
from pipeline.compare.measurement import Variant
from pipeline.compare.scenarios import Edit, Scenario
from pipeline.compare.start.cold_images import cold_copy
from pipeline.compare.start.figures import START
from pipeline.compare.workspace import Workspace
from pipeline.core import console
from pipeline.core.settings import Project
from pipeline.core.values import ImageRef, Layout
from pipeline.deploy.session import Session

_BUILT_BY: Mapping[Layout, Variant] = {
    Layout.MONOLITH: Variant.MONOLITH,
    Layout.SIDECAR: Variant.FUSED,
    Layout.FUSED: Variant.FUSED,
}
"""`FUSED` builds app and content as `SIDECAR` runs them, and joins them."""
_RUNS: Mapping[Layout, Sequence[str]] = {
    Layout.MONOLITH: ("monolith",),
    Layout.SIDECAR: ("app", "static"),
    Layout.FUSED: ("site",),
}


@dataclass(frozen=True)
class LayoutImages:
    """The images that a task of one layout runs, by name, and the compressed bytes that it pulls."""

    images: Mapping[str, str]
    bytes: int
    host: str
    """The registry that only these images come from."""


@dataclass
class ImagesOfSize:
    """The images of one content size; each is built when a layout first needs it."""

    session: Session
    project: Project
    folder: Path
    registries: TemporaryRegistries
    mark: str
    labels: Mapping[str, str]
    _built: dict[Variant, Mapping[str, ImageRef]] = field(default_factory=dict)
    _layouts: dict[Layout, LayoutImages] = field(default_factory=dict)

    def of(self, layout: Layout) -> LayoutImages:
        """The images of a layout.

        Raises:
            TandemError: a build or a push failed.
        """
        if layout not in self._layouts:
            built = self._build(_BUILT_BY[layout])
            # Images of one task are pulled at the same time: they must not share the lowest layer either.
            copies = {
                name: cold_copy(built[name], f"{self.mark} {name}", self.labels) for name in _RUNS[layout]
            }
            images = {name: str(copy.image) for name, copy in copies.items()}
            total = sum(copy.bytes for copy in copies.values())
            self._layouts[layout] = LayoutImages(images, total, self.registries.warm)
        return self._layouts[layout]

    def _build(self, variant: Variant) -> Mapping[str, ImageRef]:
        if variant not in self._built:
            stack = self.session.stack
            place = Path(tempfile.mkdtemp(prefix=f"{variant}-", dir=self.folder))
            builder = replace(self.session.builder(), project=self.project)
            workspace = Workspace(variant, builder, self.registries, place, f"{stack.id}/compare-{variant}")
            with console.muted():
                built = workspace.build(workspace.prepare(Scenario.BOTH), workspace.heads(), Edit((), 0))
            # Docker's own copy would only take disk: tasks pull from the registry.
            stack.remove_images("compare-")
            self._built[variant] = built.images
        return self._built[variant]


@dataclass
class ImageSupply:
    """The images of all sizes; what a size needed goes when the next begins."""

    session: Session
    mark: str
    labels: Mapping[str, str]
    on_discard: Callable[[str], object]
    """Called with a registry's host when its images are not needed any more."""
    _exits: ExitStack = field(default_factory=ExitStack)
    _size: str = ""
    _images: ImagesOfSize | None = None

    def of(self, size: str, layout: Layout) -> LayoutImages:
        """The images of a layout with content of that size.

        Raises:
            TandemError: the disk has no room, or a build or a push failed.
        """
        if self._images is None or size != self._size:
            self.close()
            self._images, self._size = self._make(size), size
        return self._images.of(layout)

    def _make(self, size: str) -> ImagesOfSize:
        stack = self.session.stack
        folder = Path(self._exits.enter_context(tempfile.TemporaryDirectory(prefix="tandem-compare-")))
        project = content_project(self.session.project, size, folder, START.command)
        registries = self._exits.enter_context(TemporaryRegistries.of(stack))
        self._exits.callback(self.on_discard, registries.warm)
        self._exits.callback(stack.remove_images, "compare-")
        return ImagesOfSize(self.session, project, folder, registries, self.mark, self.labels)

    def close(self) -> None:
        """Remove everything of the size before."""
        self._images = None
        self._exits.close()
