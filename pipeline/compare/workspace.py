"""One variant on content of one size: its clones, its last images, and how it is built."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from pipeline.compare.edits import paths_in_image
from pipeline.compare.measurement import BuildStep, Variant
from pipeline.compare.scenarios import CHANGED, Edit, Scenario, ThrowAwayClone
from pipeline.core.errors import TandemError
from pipeline.core.interrupts import interruptible
from pipeline.core.settings import Project, Settings
from pipeline.core.values import Commit, ImageRef, Source
from pipeline.git import sources
from pipeline.images.builder import ImageBuilder
from pipeline.records.build_record import BuildRecord
from pipeline.records.build_records import Recorded

PARTS = (Source.APP, Source.STATIC)
ONE_PERCENT = 0.01
IMAGES_OF: Mapping[Variant, tuple[str, ...]] = {
    Variant.MONOLITH: ("monolith",),
    Variant.SPLIT_DOCKERFILE: ("app", "static"),
    Variant.SPLIT_LAYERS: ("app", "static"),
    Variant.FUSED: ("app", "static"),
}
"""The images that are built; `fused` joins them in the registry."""
LAYERED = frozenset({Variant.SPLIT_LAYERS, Variant.FUSED})
"""The variants that write content into layers without Docker."""


class Registries(Protocol):
    """Where measured images go: one registry that keeps them, and an empty one for each cold build."""

    @property
    def warm(self) -> str: ...

    def empty(self) -> str: ...


@dataclass(frozen=True)
class Built:
    """The images of one build, its steps, and the bytes that it sent; None where a builder cannot tell."""

    images: dict[str, ImageRef]
    spans: tuple[BuildStep, ...]
    bytes_sent: int | None


@dataclass
class _Collected:
    """Takes the place of the records while a part of a measured build runs."""

    records: list[BuildRecord] = field(default_factory=list)

    def add(self, record: Recorded) -> None:
        if isinstance(record, BuildRecord):
            self.records.append(record)


class Workspace:
    """Clones of app and content, which only this variant changes and builds."""

    def __init__(
        self, variant: Variant, builder: ImageBuilder, registries: Registries, folder: Path, stack: str
    ) -> None:
        self.variant = variant
        self._registries = registries
        self._clones = {source: _clone(builder.project, source, folder) for source in PARTS}
        self._project = _of_variant(builder.project, self._clones, variant)
        self._builder = replace(builder, project=self._project, stack=stack, scenario="compare")
        self._last: dict[str, ImageRef] = {}

    @property
    def content_bytes(self) -> int:
        """Bytes of the content's files."""
        return self._clones[Source.STATIC].size_of(self._project.settings.sources.static.path)

    def heads(self) -> dict[Source, Commit]:
        """The commits that the next build is of."""
        return {source: sources.head(self._project, source) for source in PARTS}

    @property
    def is_warm(self) -> bool:
        """Whether there is an earlier build that the next one can use."""
        return bool(self._last)

    def edit(self, scenario: Scenario, mark: str) -> Edit:
        """Commit what the scenario changes; nothing for those without a change.

        Raises:
            TandemError: no file can be changed.
        """
        edit = Edit((), 0)
        if scenario is Scenario.COLD:
            return edit
        for source in sorted(CHANGED[scenario]):
            one = self._edit(source, scenario, mark)
            edit = Edit((*edit.files, *one.files), edit.bytes + one.bytes)
        return edit

    def _edit(self, source: Source, scenario: Scenario, mark: str) -> Edit:
        clone, settings = self._clones[source], self._project.settings.sources[source]
        if scenario is Scenario.STATIC_ONE_PERCENT:
            return clone.edit_share(settings.path, ONE_PERCENT, mark)
        file = clone.edit_one_line(settings.path, mark, paths_in_image(settings, source, clone.read))
        return Edit((file,), len(clone.read(file)))

    def prepare(self, scenario: Scenario) -> ImageBuilder:
        """The builder for the scenario; a cold build gets an empty registry and no cache."""
        is_cold = scenario is Scenario.COLD
        host = self._registries.empty() if is_cold else self._registries.warm
        names = (*IMAGES_OF[self.variant], "site")
        repositories = {name: f"{host}/compare-{self.variant}/{name}" for name in names}
        # A cold image of its own name leaves the last warm one, and so Docker's cache, as it is.
        stack = f"{self._builder.stack}{'-cold' if is_cold else ''}"
        return replace(self._builder, repositories=repositories, cache=not is_cold, stack=stack)

    def build(self, builder: ImageBuilder, commits: Mapping[Source, Commit], edit: Edit) -> Built:
        """Build and push all images of `commits`, as a release would.

        Raises:
            TandemError: a build or a push failed, or no image has the files of `edit`.
        """
        last = self._last if builder.cache else {}
        began = time.monotonic()

        def part(name: str) -> Built:
            return _part(builder, name, commits, last.get(name), began)

        names = IMAGES_OF[self.variant]
        with ThreadPoolExecutor(len(names)) as pool, interruptible():
            parts = list(pool.map(part, names))
        if self.variant is Variant.FUSED:
            parts.append(_fused(builder, parts, began))
        built = _join(parts)
        if edit.files and built.images == last:
            raise TandemError(
                f"it measures nothing: {', '.join(edit.files)} changed, but every image stayed the same",
                hint="copy that file in the Dockerfile, or add a page that the Dockerfile copies",
            )
        if builder.cache:
            self._last = built.images
        return built


def _part(
    builder: ImageBuilder,
    name: str,
    commits: Mapping[Source, Commit],
    last: ImageRef | None,
    began: float,
) -> Built:
    sink = _Collected()
    start = time.monotonic()
    image = replace(builder, records=sink).image(name, commits, last)
    end = time.monotonic()
    steps = [step for record in sink.records for step in record.steps]
    look_up = end - start - sum(step.seconds for step in steps)
    spans, at = [BuildStep(name, "look up", start - began, look_up)], start - began + look_up
    for step in steps:
        spans.append(BuildStep(name, step.name, at, step.seconds))
        at += step.seconds
    return Built({name: image}, tuple(spans), _sum([record.bytes_sent for record in sink.records]))


def _fused(builder: ImageBuilder, parts: Sequence[Built], began: float) -> Built:
    images = _join(parts).images
    start = time.monotonic()
    site = builder.fuse(images["app"], images["static"])
    span = BuildStep("site", "fuse", start - began, time.monotonic() - start)
    return Built({"site": site}, (span,), 0)


def _join(parts: Sequence[Built]) -> Built:
    images = {name: image for part in parts for name, image in part.images.items()}
    spans = tuple(span for part in parts for span in part.spans)
    return Built(images, spans, _sum([part.bytes_sent for part in parts]))


def _sum(counts: Sequence[int | None]) -> int | None:
    numbers = [count for count in counts if count is not None]
    return sum(numbers) if len(numbers) == len(counts) else None


def _clone(project: Project, source: Source, folder: Path) -> ThrowAwayClone:
    settings = project.settings.sources[source]
    return ThrowAwayClone(sources.locate(project, source), settings.branch, folder / f"{source}.git")


def _of_variant(project: Project, clones: Mapping[Source, ThrowAwayClone], variant: Variant) -> Project:
    """The project whose sources are the clones, with the variant's builder of content."""
    settings = project.settings.model_dump()
    for source, clone in clones.items():
        settings["sources"][source.value]["repository"] = str(clone.folder)
    if variant is not Variant.MONOLITH:
        settings["static"]["builder"] = "layers" if variant in LAYERED else "docker"
    return replace(project, settings=Settings.model_validate(settings))
