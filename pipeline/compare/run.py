"""Build each scenario bloated and split, one after the other, and record both."""

import tempfile
import uuid
from dataclasses import replace
from pathlib import Path

from pipeline.compare.scenarios import CHANGED, Scenario, ThrowAwayClone
from pipeline.core import console
from pipeline.core.settings import Project, Settings
from pipeline.core.values import Commit, ImageRef, Source
from pipeline.deploy.session import Session
from pipeline.git import sources
from pipeline.images.builder import ImageBuilder

_PARTS = (Source.APP, Source.STATIC)


def compare(session: Session) -> str:
    """Measure every scenario both ways in one run; the run's id, which the build records carry.

    It commits to throw-away clones and pushes to image repositories of its own: sources and releases stay
    as they are.

    Raises:
        TandemError: A source cannot be cloned or has no page to change, or an image cannot be built.
    """
    run_id = uuid.uuid4().hex[:12]
    with tempfile.TemporaryDirectory(prefix="tandem-compare-") as folder:
        clones = {source: _clone(session.project, source, Path(folder)) for source in _PARTS}
        on_clones = replace(session, project=_with_clones(session.project, clones))
        images: dict[str, ImageRef] = {}
        for scenario in Scenario:
            console.info(f"-> measuring {scenario}: bloated against split")
            _measure(on_clones, scenario, run_id, clones, images)
    return run_id


def _measure(
    session: Session,
    scenario: Scenario,
    run_id: str,
    clones: dict[Source, ThrowAwayClone],
    images: dict[str, ImageRef],
) -> None:
    """Build the scenario both ways; `images` holds each part's last image, and gets the new ones."""
    builder = session.builder(scenario=scenario.value, run=run_id, prefix=f"compare-{run_id}-")
    builder = replace(builder, cache=scenario is not Scenario.COLD)
    if scenario is not Scenario.COLD:
        for source in CHANGED[scenario]:
            path = session.project.settings.sources[source].path
            clones[source].edit_one_line(path, f"{run_id} {scenario}")
    commits = {source: sources.head(session.project, source) for source in _PARTS}
    _build(builder, "monolith", commits, images)
    for source in sorted(CHANGED[scenario]):
        _build(builder, source.value, commits, images)


def _build(
    builder: ImageBuilder, name: str, commits: dict[Source, Commit], images: dict[str, ImageRef]
) -> None:
    if name == "static":
        images[name] = builder.image(name, commits, images.get(name))
    else:
        images[name] = builder.build(name, commits, images.get(name))


def _clone(project: Project, source: Source, folder: Path) -> ThrowAwayClone:
    settings = project.settings.sources[source]
    return ThrowAwayClone(sources.locate(project, source), settings.branch, folder / f"{source}.git")


def _with_clones(project: Project, clones: dict[Source, ThrowAwayClone]) -> Project:
    """The project whose sources are the clones."""
    settings = project.settings.model_dump()
    for source, clone in clones.items():
        settings["sources"][source.value]["repository"] = str(clone.folder)
    return replace(project, settings=Settings.model_validate(settings))
