"""What the trials of one cell have in common: phases of a real start, bytes, failed requests."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from pipeline.compare.experiment import Trial, TrialCell
from pipeline.compare.experiment_results import MeasuredExperiment
from pipeline.compare.start.figures import ASKED, FAILED, PHASES, PULLED, SERVES
from pipeline.compare.start.pull_estimate import BASIS, BYTES_A_SECOND, PullEstimate


@dataclass(frozen=True)
class CellSummary:
    """One layout on content of one size."""

    cell: TrialCell
    phases: Mapping[str, float]
    """Of the start in the middle: a real one, whose phases add up to its seconds."""
    medians: Mapping[str, float]
    """The median of every figure."""
    requests: float
    failed: float
    """Requests during all scale-outs, and those that failed."""

    @property
    def seconds(self) -> float:
        """The seconds of the start in the middle."""
        return sum(self.phases.values())


def summaries(measured: MeasuredExperiment) -> list[CellSummary]:
    """Every cell with a start that counts, in the plan's order."""
    plan = measured.started.plan
    cells = [cell for size, _ in plan.sizes for cell in plan.cells(size)]
    own = {cell: [each for each in measured.trials if each.counts and each.cell == cell] for cell in cells}
    return [_summary(cell, trials) for cell, trials in own.items() if trials]


def _summary(cell: TrialCell, trials: Sequence[Trial]) -> CellSummary:
    middle = sorted(trials, key=lambda trial: trial.figures[SERVES.key])[(len(trials) - 1) // 2]
    keys = dict.fromkeys(key for trial in trials for key in trial.figures)
    return CellSummary(
        cell,
        {phase.key: middle.figures.get(phase.key, 0.0) for phase in PHASES},
        {key: median([trial.figures.get(key, 0.0) for trial in trials]) for key in keys},
        sum(trial.figures.get(ASKED, 0.0) for trial in trials),
        sum(trial.figures.get(FAILED, 0.0) for trial in trials),
    )


def estimates(cell_summaries: Sequence[CellSummary]) -> list[PullEstimate]:
    """What a cold pull adds on Fargate, for each cell."""
    return [
        PullEstimate(each.cell.size, each.cell.variant, each.medians.get(PULLED, 0.0))
        for each in cell_summaries
    ]


def estimates_json(cell_summaries: Sequence[CellSummary]) -> dict[str, Any]:
    """The estimates with their basis."""
    rows = [asdict(each) | {"seconds": each.seconds} for each in estimates(cell_summaries)]
    return {"modelled": True, "bytes_a_second": BYTES_A_SECOND, "basis": BASIS, "pulls": rows}
