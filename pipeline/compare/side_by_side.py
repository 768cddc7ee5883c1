"""Build each scenario bloated and split, one after the other, and record both."""

import tempfile
import uuid
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pipeline.compare import table
from pipeline.compare.edits import paths_in_image
from pipeline.compare.scenarios import CHANGED, OF_UP, Edit, Scenario, ThrowAwayClone
from pipeline.core import console, timeline
from pipeline.core.errors import TandemError
from pipeline.core.settings import Project, Settings
from pipeline.core.values import Commit, ImageRef, Source
from pipeline.deploy.session import Session
from pipeline.git import sources
from pipeline.images.builder import PARTS, ImageBuilder

_PARTS = (Source.APP, Source.STATIC)


def compare(session: Session) -> str:
    """Measure every scenario both ways in one run; the run's id, which the build records carry.

    It commits to throw-away clones and pushes to image repositories of its own: sources and releases stay
    as they are.

    Raises:
        TandemError: A source cannot be cloned or has no file to change, an image cannot be built, or a
            scenario changed no image.
    """
    run_id = uuid.uuid4().hex[:12]
    with (
        timeline.recording(why="tandem compare"),
        tempfile.TemporaryDirectory(prefix="tandem-compare-") as folder,
    ):
        clones = {source: _clone(session.project, source, Path(folder)) for source in _PARTS}
        on_clones = replace(session, project=_with_clones(session.project, clones))
        images: dict[str, ImageRef] = {}
        for scenario in OF_UP:
            console.info(f"-> measuring {scenario}: bloated against split")
            _measure(on_clones, scenario, run_id, clones, images)
    return run_id


def measure_unless_current(session: Session, commits: Mapping[Source, Commit]) -> None:
    """Measure unless the last comparison was of these commits; its failure is a message and no error."""
    last = table.latest(session.records.all())
    if last and last.commits == {source.value: commits[source].id for source in _PARTS}:
        return
    try:
        compare(session)
    except TandemError as error:
        console.info(f"the comparison of builds is left out: {error.message}", style="yellow")
        console.info("hint:  tandem compare")


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
    edits = (
        {} if scenario is Scenario.COLD else _edit(session.project, scenario, clones, f"{run_id} {scenario}")
    )
    commits = {source: sources.head(session.project, source) for source in _PARTS}
    before = dict(images)
    for name in ("monolith", *sorted(source.value for source in CHANGED[scenario])):
        of_image = replace(builder, bytes_changed=_changed_bytes(name, edits) if edits else None)
        _build(of_image, name, commits, images)
        if before.get(name) == images[name]:
            raise _unchanged_image(scenario, name, edits)


def _edit(
    project: Project, scenario: Scenario, clones: dict[Source, ThrowAwayClone], mark: str
) -> dict[Source, Edit]:
    """Change one file of each source that the scenario is about."""
    edits = {}
    for source in sorted(CHANGED[scenario]):
        clone = clones[source]
        settings = project.settings.sources[source]
        file = clone.edit_one_line(settings.path, mark, paths_in_image(settings, source, clone.read))
        edits[source] = Edit((file,), len(clone.read(file)))
    return edits


def _changed_bytes(name: str, edits: Mapping[Source, Edit]) -> int:
    """Bytes of the files that were changed in the sources of image `name`."""
    return sum(edits[source].bytes for source in PARTS[name] if source in edits)


def _unchanged_image(scenario: Scenario, name: str, edits: Mapping[Source, Edit]) -> TandemError:
    files = ", ".join(f"{file} of source {source}" for source, edit in edits.items() for file in edit.files)
    return TandemError(
        f"scenario {scenario} measures nothing: it changed {files}, but image {name} stayed the same",
        hint="copy that file in the Dockerfile, or add a page that the Dockerfile copies",
    )


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
