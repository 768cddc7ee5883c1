"""The verb `compare builds`: start or continue a comparison on this machine's Docker."""

import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from pipeline.compare.alone import alone
from pipeline.compare.build_plan import OWN, Plan
from pipeline.compare.engine import Comparison, MakeWorkspace, Report, require_disk
from pipeline.compare.measured_settings import require_content_of_files, with_example_sources
from pipeline.compare.measurement import Variant, of_run
from pipeline.compare.schedule import next_cell, require_same_machine
from pipeline.compare.workspace import LAYERED, Workspace
from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.settings import Project, Settings
from pipeline.deploy.session import Session
from pipeline.local.examples.repositories import make_examples
from pipeline.local.stack import Stack
from pipeline.records import machine
from pipeline.records.document import COMPARISON, Document, parse_each
from pipeline.records.tools import tool_versions

_WITHOUT_LAYERS = "tandem compare builds --size own --variant monolith --variant split-dockerfile"


@dataclass(frozen=True)
class StartedComparison:
    """A comparison as it was recorded when it began."""

    run: str
    started_at: str
    plan: Plan
    machine: str
    tools: dict[str, str] = field(default_factory=dict)

    def document(self) -> Document:
        body = {"plan": self.plan.to_json(), "machine": self.machine, "tools": self.tools}
        return Document(COMPARISON, self.started_at, self.run, body)


def comparisons(documents: list[Document]) -> list[StartedComparison]:
    """The comparisons among the records, oldest first; a record of another shape is left out."""
    return parse_each((each for each in documents if each.kind == COMPARISON), _parse)


def _parse(document: Document) -> StartedComparison:
    body = document.body
    try:
        plan = Plan.parse(body["plan"])
        machine_text, tools = str(body["machine"]), dict(body["tools"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"no comparison: {error}") from error
    return StartedComparison(document.run, document.started_at, plan, machine_text, tools)


def start(session: Session, plan: Plan, report: Report) -> Comparison:
    """Measure everything that `plan` asks for.

    Raises:
        TandemError: another comparison runs, the disk has no room, or no workspace can be made.
    """
    started = StartedComparison(
        uuid.uuid4().hex[:12], datetime.now(UTC).isoformat(), plan, machine.describe(), tool_versions()
    )
    with alone(session.project):
        session.records.add(started)
        return _run(session, started, report)


def resume(session: Session, report: Report) -> Comparison:
    """Continue the last comparison that is not finished.

    Raises:
        TandemError: there is none, it was measured on another machine, or as for `start`.
    """
    documents = session.records.documents()
    for started in reversed(comparisons(documents)):
        done = of_run(documents, started.run)
        if next_cell(started.plan, done):
            require_same_machine(done, machine.describe(), "tandem compare builds")
            with alone(session.project):
                return _run(session, started, report)
    raise TandemError("there is no unfinished comparison", hint="tandem compare builds")


def _run(session: Session, started: StartedComparison, report: Report) -> Comparison:
    if OWN in dict(started.plan.sizes) and LAYERED & {*started.plan.variants}:
        require_content_of_files(session.project, _WITHOUT_LAYERS)
    with _workspaces(session) as make_workspace:
        comparison = Comparison(
            started.run,
            started.plan,
            started.machine,
            session.records,
            make_workspace,
            report,
            done=of_run(session.records.documents(), started.run),
        )
        comparison.run_to_the_end()
        return comparison


@dataclass
class TemporaryRegistries:
    """Registries that live as long as the block; Docker chooses a port for each."""

    warm: str
    _make: Callable[[ExitStack], str]
    _cold: ExitStack = field(default_factory=ExitStack)

    def empty(self) -> str:
        """An empty registry in place of the last one."""
        self._cold.close()
        return self._make(self._cold)

    @classmethod
    @contextmanager
    def of(cls, stack: Stack) -> Iterator["TemporaryRegistries"]:
        """The registries of one size."""

        def make(exits: ExitStack) -> str:
            return exits.enter_context(stack.temporary_registry())

        with ExitStack() as exits:
            registries = cls(make(exits), make)
            exits.callback(registries._cold.close)
            yield registries


@contextmanager
def _workspaces(session: Session) -> Iterator[MakeWorkspace]:
    """Makes workspaces in a temporary folder; what a size needed goes when the next begins."""
    builder, stack = session.builder(), session.stack
    with ExitStack() as all_sizes:
        all_sizes.callback(stack.remove_images, "compare-")
        current = all_sizes.enter_context(ExitStack())
        sizes: dict[str, tuple[Project, TemporaryRegistries, Path]] = {}

        def make(size: str, variant: Variant) -> Workspace:
            if size not in sizes:
                current.close()
                stack.remove_images("compare-")
                sizes.clear()
                folder = Path(current.enter_context(tempfile.TemporaryDirectory(prefix="tandem-compare-")))
                project = content_project(session.project, size, folder)
                registries = current.enter_context(TemporaryRegistries.of(stack))
                sizes[size] = (project, registries, folder)
            project, registries, folder = sizes[size]
            place = folder / variant
            place.mkdir()
            built = replace(builder, project=project)
            return Workspace(variant, built, registries, place, f"{stack.id}/compare-{variant}")

        yield make


def content_project(
    project: Project, size: str, folder: Path, command: str = "tandem compare builds"
) -> Project:
    """The project to measure: the user's own, or the example app with generated content of that size.

    Raises:
        TandemError: the disk has no room; the hint repeats `command`.
    """
    if size == OWN:
        return project
    from pipeline.compare.presets import parse_sizes  # noqa: PLC0415 - imports pydantic's adapters

    ((_, count),) = parse_sizes([size])
    require_disk(folder, count, shutil.disk_usage(folder).free, f'{command} --size "150 MB"')
    settings = Settings.model_validate(with_example_sources(project.settings, count))
    console.info(f"-> making {size} of content")
    return make_examples(Project(folder, settings))
