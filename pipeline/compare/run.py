"""Build bloated and split side by side, scenario by scenario, and record both."""

import tempfile
import uuid
from dataclasses import replace
from pathlib import Path

from pipeline.compare.scenarios import CHANGED, Scenario, Scratch
from pipeline.core import console
from pipeline.core.settings import Project, Settings
from pipeline.core.values import Commit, ImageRef, Source
from pipeline.deploy.session import Session
from pipeline.git import sources
from pipeline.images.builder import ImageBuilder

_PARTS = (Source.APP, Source.STATIC)


def compare(session: Session) -> str:
    """Measure every scenario both ways, in this very run; returns the run's id for the records.

    Works on throw-away clones and in repositories of its own: no source and no release is touched.
    """
    run = uuid.uuid4().hex[:12]
    with tempfile.TemporaryDirectory(prefix="tandem-compare-") as folder:
        scratch = {source: _clone(session.project, source, Path(folder)) for source in _PARTS}
        aside = replace(session, project=_pointed(session.project, scratch))
        running: dict[str, ImageRef] = {}
        for scenario in Scenario:
            console.info(f"-> measuring {scenario}: bloated against split")
            _measure(aside, scenario, run, scratch, running)
    return run


def _measure(
    session: Session,
    scenario: Scenario,
    run: str,
    scratch: dict[Source, Scratch],
    running: dict[str, ImageRef],
) -> None:
    builder = session.builder(scenario=scenario.value, run=run, prefix=f"compare-{run}-")
    builder = replace(builder, cache=scenario is not Scenario.COLD)
    if scenario is not Scenario.COLD:
        for source in CHANGED[scenario]:
            scratch[source].edit_one_line(session.project.settings.sources[source].path, f"{run} {scenario}")
    commits = {source: sources.head(session.project, source) for source in _PARTS}
    _build(builder, "monolith", commits, running)
    for source in sorted(CHANGED[scenario]):
        _build(builder, source.value, commits, running)


def _build(
    builder: ImageBuilder, name: str, commits: dict[Source, Commit], running: dict[str, ImageRef]
) -> None:
    if name == "static":
        running[name] = builder.image(name, commits, running.get(name))
    else:
        running[name] = builder.build(name, commits, running.get(name))


def _clone(project: Project, source: Source, folder: Path) -> Scratch:
    settings = project.settings.sources[source]
    return Scratch(sources.locate(project, source), settings.branch, folder / f"{source}.git")


def _pointed(project: Project, scratch: dict[Source, Scratch]) -> Project:
    """The project with its sources replaced by their clones."""
    told = project.settings.model_dump()
    for source, clone in scratch.items():
        told["sources"][source.value]["repository"] = str(clone.folder)
    return replace(project, settings=Settings.model_validate(told))
