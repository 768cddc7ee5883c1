"""What an experiment found: each cell's figures, and whether a variant is as good as the base."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from pipeline.compare.experiment import (
    BASE,
    Experiment,
    ExperimentPlan,
    Figure,
    StartedExperiment,
    Trial,
    TrialCell,
)
from pipeline.compare.statistics import (
    Difference,
    Equivalence,
    Summary,
    difference,
    equivalence,
    holm,
    summarize,
)

_CHANCE = 0.05
BETTER, WORSE, UNCERTAIN = "better", "worse", "too few runs to tell"


@dataclass(frozen=True)
class FigureResult:
    """One figure of one cell, and its comparison with the base."""

    cell: TrialCell
    figure: Figure
    summary: Summary
    difference: Difference | None = None
    """This variant against the base; None for the base itself, or without it."""
    equivalence: Equivalence | None = None
    """None also where too little was measured."""
    p_different: float | None = None
    p_equal: float | None = None
    """Both corrected for all comparisons of the figure."""

    @property
    def is_equal(self) -> bool:
        """Whether both differ by less than the margin: two one-sided tests show it."""
        return self.p_equal is not None and self.p_equal < _CHANCE

    @property
    def verdict(self) -> str:
        """What may be said of the difference; empty without a comparison."""
        if self.difference is None:
            return ""
        if self.is_equal and self.equivalence:
            return f"no difference shown (within ±{self.equivalence.margin * 100:g} %)"
        if self.p_different is not None and self.p_different < _CHANCE:
            is_more = self.difference.effect > 0
            return BETTER if is_more is self.figure.more_is_better else WORSE
        return UNCERTAIN

    def to_json(self) -> dict[str, Any]:
        values = asdict(self) | {"figure": self.figure.key, "unit": self.figure.unit}
        return (
            asdict(self.cell)
            | {key: value for key, value in values.items() if key != "cell"}
            | {"verdict": self.verdict}
        )


@dataclass(frozen=True)
class CellCount:
    """How many trials of a cell count and failed, and the requests or starts that went wrong in them."""

    cell: TrialCell
    counted: int
    failures: int


def figure_results(
    plan: ExperimentPlan, figures: Sequence[Figure], done: Sequence[Trial]
) -> list[FigureResult]:
    """Every figure of every measured cell, figure by figure; p-values are corrected within each figure."""
    return [result for figure in figures for result in _with_corrected_p(_of_figure(plan, figure, done))]


def counts(plan: ExperimentPlan, done: Sequence[Trial]) -> list[CellCount]:
    """How often each cell was measured and failed, in the plan's order."""
    cell_counts = []
    for size, _ in plan.sizes:
        for cell in plan.cells(size):
            cell_trials = [trial for trial in done if trial.cell == cell and not trial.is_warm_up]
            failures = sum(bool(trial.error) for trial in cell_trials)
            cell_counts.append(CellCount(cell, len(cell_trials) - failures, failures))
    return cell_counts


def find(results: Sequence[FigureResult], cell: TrialCell, key: str) -> FigureResult | None:
    """One figure of one cell, if it was measured."""
    return next((each for each in results if each.cell == cell and each.figure.key == key), None)


def _of_figure(plan: ExperimentPlan, figure: Figure, done: Sequence[Trial]) -> list[FigureResult]:
    values: dict[TrialCell, list[float]] = {}
    for trial in done:
        if trial.counts and figure.key in trial.figures:
            values.setdefault(trial.cell, []).append(trial.figures[figure.key])
    cells = [cell for size, _ in plan.sizes for cell in plan.cells(size) if cell in values]
    return [_result(cell, figure, values[cell], _base(values, cell), plan.margin) for cell in cells]


def _base(values: dict[TrialCell, list[float]], cell: TrialCell) -> list[float]:
    return [] if cell.variant == BASE else values.get(replace(cell, variant=BASE), [])


def _result(
    cell: TrialCell, figure: Figure, own: Sequence[float], base: Sequence[float], margin: float
) -> FigureResult:
    result = FigureResult(cell, figure, summarize(own))
    if not base or not all((*own, *base)):  # a ratio to nothing says nothing
        return result
    try:
        same = equivalence(own, base, margin)
    except ValueError:
        same = None
    return replace(result, difference=difference(own, base), equivalence=same)


def _with_corrected_p(results: list[FigureResult]) -> list[FigureResult]:
    places = [place for place, each in enumerate(results) if each.difference]
    different = holm([each.difference.p for each in results if each.difference])
    for place, p in zip(places, different, strict=True):
        results[place] = replace(results[place], p_different=p)
    # A comparison that could not be tested counts too: it must not make the others easier.
    equal = holm([each.equivalence.p if each.equivalence else 1.0 for each in results if each.difference])
    for place, p in zip(places, equal, strict=True):
        results[place] = replace(results[place], p_equal=p)
    return results


@dataclass(frozen=True)
class MeasuredExperiment:
    """The newest experiment of its kind that measured something."""

    started: StartedExperiment
    trials: tuple[Trial, ...]

    def results(self, experiment: Experiment) -> list[FigureResult]:
        """Every figure of every cell."""
        return figure_results(self.started.plan, experiment.figures, self.trials)

    def to_json(self, experiment: Experiment) -> dict[str, Any]:
        """Everything: the plan, the results and every trial."""
        return {
            "run": self.started.run,
            "started_at": self.started.started_at,
            "machine": self.started.machine,
            "tools": dict(self.started.tools),
            "plan": self.started.plan.to_json(),
            "results": [result.to_json() for result in self.results(experiment)],
            "trials": [{"started_at": each.started_at, **each.document().body} for each in self.trials],
        }
