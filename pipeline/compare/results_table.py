"""Lay the results of a comparison out as plain text."""

from collections.abc import Sequence

from pipeline.compare.build_plan import Plan
from pipeline.compare.measurement import Variant
from pipeline.compare.results import NO_DIFFERENCE, UNCERTAIN, CellResult, find
from pipeline.compare.scenarios import Scenario
from pipeline.compare.statistics import Summary

_SMALL = 10.0
_WIDTH = 25


def results_table(plan: Plan, results: Sequence[CellResult], machine: str) -> str:
    """A table for each size, with a row for each scenario and a column for each variant, and a legend."""
    parts = [_size_table(plan, results, size) for size, _ in plan.sizes]
    notes = [
        "seconds from commit to pushed images: median ± half of its 95 % interval, n builds",
        "12.8x: so many times as fast as the bloated image; =: no difference within ±5 %",
        "?: too few builds to tell; !2: two builds failed",
        f"on {machine}",
    ]
    return "\n\n".join([*parts, "\n".join(notes)])


def _size_table(plan: Plan, results: Sequence[CellResult], size: str) -> str:
    head = f"{size:<18}" + "".join(f"{variant:>{_WIDTH}}" for variant in plan.variants)
    rows = [
        f"{scenario:<18}" + "".join(_column(results, size, variant, scenario) for variant in plan.variants)
        for scenario in plan.scenarios
    ]
    return "\n".join([head.rstrip(), *rows])


def _column(results: Sequence[CellResult], size: str, variant: Variant, scenario: Scenario) -> str:
    result = find(results, size, variant, scenario)
    if result is None or result.summary is None:
        return f"{'failed' if result and result.failures else 'not measured':>{_WIDTH}}"
    failure_mark = f" !{result.failures}" if result.failures else ""
    return f"{f'{interval(result.summary)}{_ratio(result)}{failure_mark}':>{_WIDTH}}"


def interval(summary: Summary) -> str:
    """Such as `10.2 ±0.3 (5)`."""
    digits = 1 if summary.median >= _SMALL else 2
    half = summary.half_width
    spread = "" if half is None else f" ±{half:.{digits}f}"
    return f"{summary.median:.{digits}f}{spread} ({summary.n})"


def _ratio(result: CellResult) -> str:
    if result.difference is None:
        return ""
    mark = {NO_DIFFERENCE: "=", UNCERTAIN: "?"}.get(result.verdict, "")
    return f" {mark}{result.difference.ratio:.1f}x"
