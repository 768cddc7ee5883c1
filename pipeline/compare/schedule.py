"""What comes next in a comparison, and when it has measured enough.

Pure, so that an interrupted comparison continues. Sizes are measured one after the other, the smallest first.
Within a size every cell is measured once a round, in an order that each round draws for itself: what else the
machine does meets all variants alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from statistics import median
from typing import Protocol, TypeVar

from pipeline.compare.precision import is_narrow
from pipeline.core.errors import TandemError

_FAILURES = 3
"""A cell that failed as often in a row is not tried again."""
_FIXED_SHARE = 100_000_000
"""Bytes whose cost every run has: small sizes get their part of the budget too."""


class AnyCell(Protocol):
    """What is measured several times."""

    @property
    def size(self) -> str: ...


C = TypeVar("C", bound=AnyCell)
C_co = TypeVar("C_co", bound=AnyCell, covariant=True)


class AnyPlan(Protocol[C_co]):
    """What a schedule needs to know of a plan."""

    @property
    def sizes(self) -> tuple[tuple[str, int], ...]: ...
    @property
    def least(self) -> int: ...
    @property
    def most(self) -> int: ...
    @property
    def precision(self) -> float: ...
    @property
    def budget(self) -> float: ...
    @property
    def seed(self) -> int: ...
    def cells(self, size: str) -> Sequence[C_co]: ...


class AnyRun(Protocol[C_co]):
    """What a schedule needs to know of something measured."""

    @property
    def cell(self) -> C_co: ...
    @property
    def machine(self) -> str: ...
    @property
    def value(self) -> float:
        """The figure that has to be known precisely."""
        ...

    @property
    def spent(self) -> float: ...
    @property
    def error(self) -> str: ...
    @property
    def is_warm_up(self) -> bool: ...
    @property
    def counts(self) -> bool: ...


@dataclass(frozen=True)
class Progress:
    """How far a comparison is: measured runs, the runs that it will have, and the seconds left."""

    done: int
    expected: int
    seconds_left: float


def next_cell(plan: AnyPlan[C], done: Sequence[AnyRun[C]]) -> C | None:
    """The cell to measure next; None if the comparison is finished."""
    for size, _ in plan.sizes:
        allowance = _allowance(plan, size, done)
        open_cells = [cell for cell in plan.cells(size) if _is_open(plan, cell, done, allowance)]
        if open_cells:
            return _in_turn(plan, size, open_cells, done)
    return None


def progress(plan: AnyPlan[C], done: Sequence[AnyRun[C]]) -> Progress:
    """How far the comparison is; the time left is an estimate and never above the budget."""
    counted_runs = [each for each in done if not each.is_warm_up]
    missing, seconds = 0, 0.0
    for size, _ in plan.sizes:
        allowance = _allowance(plan, size, done)
        for cell in plan.cells(size):
            if _is_open(plan, cell, done, allowance):
                runs = max(plan.least - len(_runs(cell, done)), 1)
                missing += runs
                seconds += runs * _expected_cost(cell, done, plan.budget)
    seconds_spent = sum(each.spent for each in done)
    return Progress(
        len(counted_runs), len(counted_runs) + missing, max(min(seconds, plan.budget - seconds_spent), 0.0)
    )


def unfinished(plan: AnyPlan[C], done: Sequence[AnyRun[C]]) -> list[C]:
    """The cells whose interval is still wide: the budget was used, or builds failed."""
    cells = [cell for size, _ in plan.sizes for cell in plan.cells(size)]
    return [cell for cell in cells if not _is_precise(plan, _values(cell, done))]


def require_same_machine(done: Sequence[AnyRun[C]], machine: str, command: str) -> None:
    """Refuse to continue a comparison elsewhere; `command` begins a new one.

    Raises:
        TandemError: it was measured on another machine.
    """
    others = {each.machine for each in done} - {machine}
    if others:
        raise TandemError(
            f"the comparison was measured on another machine ({min(others)}, this is {machine}): "
            "times of two machines cannot be compared",
            hint=command,
        )


def _in_turn(plan: AnyPlan[C], size: str, open_cells: Sequence[C], done: Sequence[AnyRun[C]]) -> C:
    """The first open cell in the order of the round that is not complete."""
    counts = {cell: len(_runs(cell, done)) for cell in open_cells}
    number = min(counts.values())
    order = list(plan.cells(size))
    Random(f"{plan.seed} {size} {number}").shuffle(order)  # noqa: S311 - an order, nothing secret
    return next(cell for cell in order if counts.get(cell) == number)


def _is_open(plan: AnyPlan[C], cell: C, done: Sequence[AnyRun[C]], allowance: float) -> bool:
    runs = _runs(cell, done)
    failures = [run.error for run in runs[-_FAILURES:]]
    if len(runs) >= plan.most or (len(failures) == _FAILURES and all(failures)):
        return False
    return _cost(cell, done) < allowance and not _is_precise(plan, _values(cell, done))


def _is_precise(plan: AnyPlan[C], values: Sequence[float]) -> bool:
    return len(values) >= plan.least and is_narrow(tuple(values), plan.precision)


def _allowance(plan: AnyPlan[C], size: str, done: Sequence[AnyRun[C]]) -> float:
    """Seconds of the budget that are left for `size`; what smaller sizes did not use is shared too."""
    labels = [label for label, _ in plan.sizes]
    place = labels.index(size)
    seconds_before = sum(each.spent for each in done if labels.index(each.cell.size) < place)
    seconds_spent = sum(each.spent for each in done if each.cell.size == size)
    weights = [size + _FIXED_SHARE for _, size in plan.sizes[place:]]
    return (plan.budget - seconds_before) * weights[0] / sum(weights) - seconds_spent


def _runs(cell: C, done: Sequence[AnyRun[C]]) -> list[AnyRun[C]]:
    return [each for each in done if each.cell == cell and not each.is_warm_up]


def _values(cell: C, done: Sequence[AnyRun[C]]) -> list[float]:
    return [each.value for each in _runs(cell, done) if each.counts]


def _expected_cost(cell: C, done: Sequence[AnyRun[C]], default: float) -> float:
    """The same; before the cell's first run that of the size's other runs."""
    own = _cost(cell, done)
    others = [run.spent for run in done if run.cell.size == cell.size]
    return own or (sum(others) / len(others) if others else default)


def _cost(cell: C, done: Sequence[AnyRun[C]]) -> float:
    """Seconds that one more run will take: the median of those before, 0 before the first."""
    run_seconds = [run.spent for run in _runs(cell, done)]
    return median(run_seconds) if run_seconds else 0.0
