"""What a comparison found: the cells' medians, and each variant against the bloated image."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from statistics import median
from typing import Any

from pipeline.compare.build_plan import Plan
from pipeline.compare.measurement import Cell, Measurement, Variant, seconds_by_cell
from pipeline.compare.scenarios import Scenario
from pipeline.compare.statistics import Difference, Summary, difference, equivalence, holm, summarize

_CHANCE = 0.05
MARGIN = 0.05
"""Two times that differ by less are as good as equal."""
NO_DIFFERENCE, UNCERTAIN = "no difference within ±5 %", "too few builds to tell"


@dataclass(frozen=True)
class CellResult:
    """One cell: its summary, what it sent and changed, and its failures."""

    cell: Cell
    summary: Summary | None
    """None if no build succeeded."""
    failures: int
    bytes_sent: float | None
    """The median; None where a builder cannot tell."""
    bytes_changed: float | None
    difference: Difference | None
    """The bloated image against this variant; None for the bloated image itself, or without it."""
    p: float | None
    """The corrected p-value of `difference`."""
    is_equal: bool = False
    """Whether an equivalence test shows that both differ by less than `MARGIN`."""

    @property
    def verdict(self) -> str:
        """What may be said of the difference; empty without a comparison."""
        if self.difference is None or self.p is None:
            return ""
        if self.p < _CHANCE:
            return "faster" if self.difference.effect > 0 else "slower"
        return NO_DIFFERENCE if self.is_equal else UNCERTAIN

    def to_json(self) -> dict[str, Any]:
        cell = {
            "size": self.cell.size,
            "variant": str(self.cell.variant),
            "scenario": str(self.cell.scenario),
        }
        values = {key: value for key, value in asdict(self).items() if key != "cell"}
        return {**cell, **values, "verdict": self.verdict}


def results(plan: Plan, measurements: Sequence[Measurement]) -> list[CellResult]:
    """The result of each cell of the plan, in its order; p-values are corrected for all of them."""
    seconds = seconds_by_cell(measurements)
    cell_results = [
        _result(cell, seconds, [each for each in measurements if each.cell == cell])
        for size, _ in plan.sizes
        for cell in plan.cells(size)
    ]
    places = [place for place, result in enumerate(cell_results) if result.difference]
    p_values = holm([d.p for place in places if (d := cell_results[place].difference)])
    for place, p in zip(places, p_values, strict=True):
        cell_results[place] = replace(cell_results[place], p=p)
    return cell_results


def _result(cell: Cell, seconds: dict[Cell, list[float]], measurements: Sequence[Measurement]) -> CellResult:
    own = seconds.get(cell, [])
    bloated = seconds.get(replace(cell, variant=Variant.MONOLITH), [])
    is_compared = own and bloated and cell.variant is not Variant.MONOLITH
    counting_measurements = [each for each in measurements if each.counts]
    return CellResult(
        cell,
        summarize(own) if own else None,
        sum(bool(each.error) and not each.is_warm_up for each in measurements),
        _median([each.bytes_sent for each in counting_measurements]),
        _median([each.bytes_changed for each in counting_measurements]),
        difference(bloated, own) if is_compared else None,
        None,
        is_equal=bool(is_compared) and _is_equal(bloated, own),
    )


def _is_equal(first: Sequence[float], second: Sequence[float]) -> bool:
    """False also where too little was measured for a test."""
    try:
        return equivalence(first, second, MARGIN).is_shown
    except ValueError:
        return False


def _median(counts: Sequence[int | None]) -> float | None:
    numbers = [float(count) for count in counts if count is not None]
    return median(numbers) if numbers and len(numbers) == len(counts) else None


def find(
    cell_results: Sequence[CellResult], size: str, variant: Variant, scenario: Scenario
) -> CellResult | None:
    """The result of one cell, if it was planned."""
    return next((each for each in cell_results if each.cell == Cell(size, variant, scenario)), None)
