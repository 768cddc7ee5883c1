"""Run an experiment: measure the planned cells in turns, and record each trial at once."""

import os
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from pipeline.compare.alone import alone
from pipeline.compare.experiment import (
    Experiment,
    ExperimentPlan,
    StartedExperiment,
    Trial,
    TrialCell,
    experiments,
    trials,
)
from pipeline.compare.schedule import Progress, next_cell, progress, require_same_machine
from pipeline.core.errors import TandemError
from pipeline.deploy.session import Session
from pipeline.records import machine
from pipeline.records.build_records import Records
from pipeline.records.tools import tool_versions

Figures = Mapping[str, float]
Measure = Callable[[TrialCell, bool], Figures]
"""Measures a cell once, for a warm-up if the flag is set; TandemError if the trial failed."""


class FailedTrialError(TandemError):
    """A trial that failed and still has figures, such as the number of failed requests."""

    def __init__(self, message: str, figures: Figures) -> None:
        super().__init__(message)
        self.figures = figures


Report = Callable[[Trial, Progress], None]
Equipment = Callable[[ExperimentPlan], AbstractContextManager[Measure]]
"""What an experiment needs while it runs; gives the function that measures."""


@dataclass
class RunningExperiment:
    """An experiment under way: its plan, and what was measured."""

    experiment: Experiment
    started: StartedExperiment
    records: Records
    report: Report
    done: list[Trial] = field(default_factory=list)
    _warm: set[TrialCell] = field(default_factory=set)

    @property
    def plan(self) -> ExperimentPlan:
        return self.started.plan

    def run_to_the_end(self, measure: Measure) -> None:
        """Measure until the plan says that it is enough. The first trial of a cell is a warm-up."""
        while cell := next_cell(self.plan, self.done):
            if cell not in self._warm:
                self._warm.add(cell)
                warm_up = self._trial(cell, measure, is_warm_up=True)
                if warm_up.error:
                    # A cell that cannot be warmed up cannot be measured either; the failure is its own.
                    self._add(replace(warm_up, is_warm_up=False, spent=0.0))
                    self._warm.discard(cell)
                    continue
            self._trial(cell, measure)

    def _trial(self, cell: TrialCell, measure: Measure, *, is_warm_up: bool = False) -> Trial:
        empty = Trial(
            run=self.started.run,
            started_at=datetime.now(UTC).isoformat(),
            cell=cell,
            machine=self.started.machine,
            value=0.0,
            spent=0.0,
            is_warm_up=is_warm_up,
            load=_load(),
        )
        trial = measured(empty, lambda: measure(cell, is_warm_up), self.experiment.figures[0].key)
        self._add(trial)
        return trial

    def _add(self, trial: Trial) -> None:
        self.records.add(trial)
        self.done.append(trial)
        self.report(trial, progress(self.plan, self.done))


def measured(empty: Trial, measure: Callable[[], Figures], first: str) -> Trial:
    """The trial with what `measure` found; with its error if it failed."""
    began = time.monotonic()
    try:
        figures = dict(measure())
    except TandemError as error:
        figures = dict(error.figures) if isinstance(error, FailedTrialError) else {}
        return replace(empty, error=error.message, figures=figures, spent=time.monotonic() - began)
    return replace(empty, figures=figures, value=figures[first], spent=time.monotonic() - began)


def start(
    session: Session, experiment: Experiment, plan: ExperimentPlan, equipment: Equipment, report: Report
) -> RunningExperiment:
    """Measure everything that `plan` asks for.

    Raises:
        TandemError: another comparison runs, or the equipment cannot be made.
    """
    started = StartedExperiment(
        experiment.name,
        uuid.uuid4().hex[:12],
        datetime.now(UTC).isoformat(),
        plan,
        machine.describe(),
    )
    with alone(session.project), equipment(plan) as measure:
        started = replace(started, tools={**tool_versions(), **experiment.tools()})
        session.records.add(started)
        running = RunningExperiment(experiment, started, session.records, report)
        running.run_to_the_end(measure)
        return running


def resume(
    session: Session, experiment: Experiment, equipment: Equipment, report: Report
) -> RunningExperiment:
    """Continue the last experiment of that kind that is not finished.

    Raises:
        TandemError: there is none, it was measured on another machine, or as for `start`.
    """
    documents = session.records.documents()
    for started in reversed(experiments(documents, experiment.name)):
        done = trials(documents, started.run)
        if next_cell(started.plan, done):
            require_same_machine(done, machine.describe(), experiment.command)
            with alone(session.project), equipment(started.plan) as measure:
                running = RunningExperiment(experiment, started, session.records, report, done)
                running.run_to_the_end(measure)
                return running
    raise TandemError(f"there is no unfinished comparison of {experiment.name}", hint=experiment.command)


def _load() -> float | None:
    try:
        return os.getloadavg()[0]
    except OSError:
        return None
