"""Choose the comparison that a report is about, and compute its results."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from pipeline.compare.build_plan import OWN, Plan
from pipeline.compare.builds import StartedComparison, comparisons
from pipeline.compare.experiment import experiments, trials
from pipeline.compare.experiment_results import MeasuredExperiment
from pipeline.compare.measurement import BuildStep, Cell, Measurement, Variant, of_run
from pipeline.compare.results import CellResult, results
from pipeline.compare.scenarios import OF_UP, Scenario
from pipeline.core.errors import TandemError
from pipeline.records.build_record import BuildRecord
from pipeline.records.document import BUILD, EXPERIMENT, HISTORY, Document

_NONE = "there is no comparison of builds yet"
_HISTORY = {"commits", "app", "static", "both", "neither", "bloated_seconds", "split_seconds", "basis"}
_HINT = "tandem compare builds --quick"


@dataclass(frozen=True)
class ReportContent:
    """One comparison: how it was started, every measurement, and the results."""

    started: StartedComparison
    measurements: tuple[Measurement, ...]
    history: Mapping[str, Any] | None = None
    """The newest result of `compare history`."""
    experiments: Mapping[str, MeasuredExperiment] = field(default_factory=dict)
    """The newest experiment of each kind."""

    @property
    def plan(self) -> Plan:
        return self.started.plan

    @cached_property
    def results(self) -> list[CellResult]:
        return results(self.plan, self.measurements)

    @property
    def sizes(self) -> list[str]:
        """The sizes that were measured, the smallest first."""
        measured = {each.cell.size for each in self.measurements if each.counts}
        return [size for size, _ in self.plan.sizes if size in measured]

    def find(self, size: str, variant: Variant, scenario: Scenario) -> CellResult | None:
        """The result of a cell that has a median."""
        cell = Cell(size, variant, scenario)
        return next((each for each in self.results if each.cell == cell and each.summary), None)

    def scenarios(self, size: str) -> list[Scenario]:
        """The scenarios with a result for that size, in the plan's order."""
        measured = {each.cell.scenario for each in self.results if each.summary and each.cell.size == size}
        return [each for each in self.plan.scenarios if each in measured]

    def runs(self, cell: Cell) -> list[Measurement]:
        """The measurements of a cell that count."""
        return [each for each in self.measurements if each.cell == cell and each.counts]

    @property
    def failures(self) -> list[Measurement]:
        return [each for each in self.measurements if each.error]


def read(documents: Sequence[Document], run: str = "") -> ReportContent:
    """The comparison `run`, or the newest with a result; `tandem up`'s own if there is no other.

    Raises:
        TandemError: there is none, or nothing of it was measured.
    """
    contents = [content for content in _all(documents) if content.started.run.startswith(run)]
    with_result = [content for content in contents if any(each.counts for each in content.measurements)]
    if with_result:
        return replace(with_result[-1], history=_history(documents), experiments=_experiments(documents))
    if run:
        raise TandemError(
            f"nothing was measured in a comparison whose id begins with {run!r}",
            hint="tandem records list --kind comparison",
        )
    raise TandemError(_NONE, hint=_HINT)


def _history(documents: Sequence[Document]) -> Mapping[str, Any] | None:
    histories = [each.body for each in documents if each.kind == HISTORY and each.body.keys() >= _HISTORY]
    return histories[-1] if histories else None


def _experiments(documents: Sequence[Document]) -> dict[str, MeasuredExperiment]:
    """The newest experiment of each kind that measured something."""
    by_name = {}
    for name in dict.fromkeys(
        str(each.body.get("experiment")) for each in documents if each.kind == EXPERIMENT
    ):
        for started in experiments(documents, name):
            done = tuple(trials(documents, started.run))
            if any(each.counts for each in done):
                by_name[name] = MeasuredExperiment(started, done)
    return by_name


def _all(documents: Sequence[Document]) -> list[ReportContent]:
    """Every comparison, those of `tandem up` first."""
    planned_comparisons = [
        ReportContent(started, tuple(of_run(documents, started.run)))
        for started in comparisons(list(documents))
    ]
    return [*_of_up(documents), *planned_comparisons]


def _of_up(documents: Sequence[Document]) -> list[ReportContent]:
    """The comparisons that `tandem up` and plain `tandem compare` recorded as builds."""
    runs: dict[str, list[BuildRecord]] = {}
    for document in documents:
        if document.kind == BUILD:
            try:
                record = BuildRecord.parse(document.body)
            except ValueError:
                continue
            if record.is_built and record.scenario in set(OF_UP):
                runs.setdefault(record.run, []).append(record)
    return [_content(run, records) for run, records in runs.items()]


def _content(run: str, records: Sequence[BuildRecord]) -> ReportContent:
    first = records[0]
    plan = Plan(
        sizes=((OWN, 0),),
        variants=(Variant.MONOLITH, Variant.SPLIT_LAYERS),
        scenarios=OF_UP,
        least=1,
        most=1,
        precision=0.0,
        budget=0.0,
        seed=0,
        preset="up",
    )
    measurements = []
    for scenario in OF_UP:
        for variant in plan.variants:
            is_bloated = variant is Variant.MONOLITH
            parts = [
                record
                for record in records
                if record.scenario == scenario and (record.image == "monolith") is is_bloated
            ]
            if parts:
                measurements.append(_measurement(run, Cell(OWN, variant, scenario), parts))
    started = StartedComparison(run, first.started_at, plan, first.machine, first.tools)
    return ReportContent(started, tuple(measurements))


def _measurement(run: str, cell: Cell, parts: Sequence[BuildRecord]) -> Measurement:
    """Builds one after the other as one measurement."""
    spans, at = [], 0.0
    for part in parts:
        for step in part.steps:
            spans.append(BuildStep(part.image, step.name, at, step.seconds))
            at += step.seconds
    byte_counts = [part.bytes_sent for part in parts if part.bytes_sent is not None]
    commits = {f"{source} {commit}" for part in parts for source, commit in part.commits.items()}
    empty = Measurement(run, parts[0].started_at, cell, parts[0].machine, at, at)
    return replace(
        empty,
        bytes_sent=sum(byte_counts) if len(byte_counts) == len(parts) else None,
        spans=tuple(spans),
        images=tuple(part.digest for part in parts),
        commits=tuple(sorted(commits)),
    )
