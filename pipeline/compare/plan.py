"""What a comparison measures, how often, and what comes next; pure, so that an interrupted one continues.

Sizes are measured one after the other, the smallest first. Within a size every cell is measured once a round,
in an order that each round draws for itself: what else the machine does meets all variants alike.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from itertools import count, product
from math import comb
from random import Random
from statistics import median
from typing import Any, Self

from pipeline.compare.measurement import Cell, Measurement, Variant
from pipeline.compare.precision import is_narrow
from pipeline.compare.scenarios import Scenario
from pipeline.core.errors import TandemError

OWN = "own"
"""The size that stands for the sources' own content."""
_FAILURES = 3
"""A cell that failed as often in a row is not tried again."""
_CHANCE = 0.05
_FIXED_SHARE = 100_000_000
"""Bytes whose cost every build has: small sizes get their part of the budget too."""


@dataclass(frozen=True)
class Plan:
    """A comparison: cells, repetitions, and the budget in seconds."""

    sizes: tuple[tuple[str, int], ...]
    """Labels and bytes, the smallest first."""
    variants: tuple[Variant, ...]
    scenarios: tuple[Scenario, ...]
    least: int
    most: int
    precision: float
    """A cell is finished if half of its interval is at most this share of its median."""
    budget: float
    seed: int
    preset: str = ""

    def cells(self, size: str) -> list[Cell]:
        """The cells of one size."""
        return [Cell(size, variant, scenario) for variant, scenario in product(self.variants, self.scenarios)]

    @property
    def comparisons(self) -> int:
        """How many cells are compared with the bloated image."""
        others = sum(variant is not Variant.MONOLITH for variant in self.variants)
        return others * len(self.scenarios) * len(self.sizes) if others < len(self.variants) else 0

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {
            "sizes": [[*size] for size in self.sizes],
            "variants": [*map(str, self.variants)],
            "scenarios": [*map(str, self.scenarios)],
        }

    @classmethod
    def parse(cls, values: dict[str, Any]) -> Self:
        """The plan of parsed JSON; ValueError if it has another shape."""
        try:
            known = {key: values[key] for key in values.keys() & {field.name for field in fields(cls)}}
            known["sizes"] = tuple((str(label), int(size)) for label, size in values["sizes"])
            known["variants"] = tuple(map(Variant, values["variants"]))
            known["scenarios"] = tuple(map(Scenario, values["scenarios"]))
            return cls(**known)
        except (KeyError, TypeError) as error:
            raise ValueError(f"no plan: {error}") from error


@dataclass(frozen=True)
class Progress:
    """How far a comparison is: measured runs, the runs that it will have, and the seconds left."""

    done: int
    expected: int
    seconds_left: float


def needed_runs(comparisons: int) -> int:
    """The least builds of each variant with which the corrected p-value can be below 5 %.

    Two samples of n values that do not overlap have p = 2 / C(2n, n); the correction multiplies it.
    """
    return next(n for n in count(1) if 2 * max(comparisons, 1) / comb(2 * n, n) < _CHANCE)


def next_cell(plan: Plan, done: Sequence[Measurement]) -> Cell | None:
    """The cell to measure next; None if the comparison is finished."""
    for size, _ in plan.sizes:
        left = _allowance(plan, size, done)
        open_cells = [cell for cell in plan.cells(size) if _is_open(plan, cell, done, left)]
        if open_cells:
            return _in_turn(plan, size, open_cells, done)
    return None


def progress(plan: Plan, done: Sequence[Measurement]) -> Progress:
    """How far the comparison is; the time left is an estimate and never above the budget."""
    counted = [each for each in done if not each.is_warm_up]
    missing, seconds = 0, 0.0
    for size, _ in plan.sizes:
        left = _allowance(plan, size, done)
        for cell in plan.cells(size):
            if _is_open(plan, cell, done, left):
                runs = max(plan.least - len(_runs(cell, done)), 1)
                missing += runs
                seconds += runs * _expected_cost(cell, done, plan.budget)
    spent = sum(each.spent for each in done)
    return Progress(len(counted), len(counted) + missing, max(min(seconds, plan.budget - spent), 0.0))


def unfinished(plan: Plan, done: Sequence[Measurement]) -> list[Cell]:
    """The cells whose interval is still wide: the budget was used, or builds failed."""
    cells = [cell for size, _ in plan.sizes for cell in plan.cells(size)]
    return [cell for cell in cells if not _is_precise(plan, _seconds(cell, done))]


def require_same_machine(done: Sequence[Measurement], machine: str) -> None:
    """Refuse to continue a comparison elsewhere.

    Raises:
        TandemError: it was measured on another machine.
    """
    others = {each.machine for each in done} - {machine}
    if others:
        raise TandemError(
            f"the comparison was measured on another machine ({min(others)}, this is {machine}): "
            "times of two machines cannot be compared",
            hint="tandem compare builds",
        )


def _in_turn(plan: Plan, size: str, open_cells: Sequence[Cell], done: Sequence[Measurement]) -> Cell:
    """The first open cell in the order of the round that is not complete."""
    counts = {cell: len(_runs(cell, done)) for cell in open_cells}
    number = min(counts.values())
    order = plan.cells(size)
    Random(f"{plan.seed} {size} {number}").shuffle(order)  # noqa: S311 - an order, nothing secret
    return next(cell for cell in order if counts.get(cell) == number)


def _is_open(plan: Plan, cell: Cell, done: Sequence[Measurement], left: float) -> bool:
    runs = _runs(cell, done)
    failures = [run.error for run in runs[-_FAILURES:]]
    if len(runs) >= plan.most or (len(failures) == _FAILURES and all(failures)):
        return False
    return _cost(cell, done) < left and not _is_precise(plan, _seconds(cell, done))


def _is_precise(plan: Plan, seconds: Sequence[float]) -> bool:
    return len(seconds) >= plan.least and is_narrow(tuple(seconds), plan.precision)


def _allowance(plan: Plan, size: str, done: Sequence[Measurement]) -> float:
    """Seconds of the budget that are left for `size`; what smaller sizes did not use is shared too."""
    labels = [label for label, _ in plan.sizes]
    place = labels.index(size)
    spent_before = sum(each.spent for each in done if labels.index(each.cell.size) < place)
    spent = sum(each.spent for each in done if each.cell.size == size)
    weights = [size + _FIXED_SHARE for _, size in plan.sizes[place:]]
    return (plan.budget - spent_before) * weights[0] / sum(weights) - spent


def _runs(cell: Cell, done: Sequence[Measurement]) -> list[Measurement]:
    return [each for each in done if each.cell == cell and not each.is_warm_up]


def _seconds(cell: Cell, done: Sequence[Measurement]) -> list[float]:
    return [each.seconds for each in _runs(cell, done) if each.counts]


def _expected_cost(cell: Cell, done: Sequence[Measurement], unknown: float) -> float:
    """The same; before the cell's first run that of the size's other runs."""
    own = _cost(cell, done)
    others = [run.spent for run in done if run.cell.size == cell.size]
    return own or (sum(others) / len(others) if others else unknown)


def _cost(cell: Cell, done: Sequence[Measurement]) -> float:
    """Seconds that one more run will take: the median of those before, 0 before the first."""
    spent = [run.spent for run in _runs(cell, done)]
    return median(spent) if spent else 0.0
