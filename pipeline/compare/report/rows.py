"""The rows of the report's tables, as texts."""

from dataclasses import dataclass

from pipeline.compare.measurement import Variant
from pipeline.compare.report.findings import SCENARIO_NAMES, VARIANT_NAMES, megabytes, seconds, times
from pipeline.compare.report.report_content import ReportContent
from pipeline.compare.results import CellResult

_SMALL_P = 0.001


@dataclass(frozen=True)
class Row:
    """One cell of the comparison."""

    scenario: str
    variant: str
    median: str
    interval: str
    n: str
    ratio: str = ""
    ratio_interval: str = ""
    p: str = ""
    effect: str = ""
    sent: str = ""
    is_base: bool = False


def rows(content: ReportContent, size: str) -> list[Row]:
    """The cells of one size, scenario by scenario."""
    order = list(content.plan.scenarios)
    results = [result for result in content.results if result.cell.size == size]
    return [_row(result) for result in sorted(results, key=lambda each: order.index(each.cell.scenario))]


def _row(result: CellResult) -> Row:
    cell, summary, difference = result.cell, result.summary, result.difference
    names = (SCENARIO_NAMES[cell.scenario], VARIANT_NAMES[cell.variant])
    is_base = cell.variant is Variant.MONOLITH
    if summary is None:
        return Row(*names, "failed" if result.failures else "not measured", "", "0", is_base=is_base)
    bytes_sent = "" if result.bytes_sent is None else megabytes(result.bytes_sent)
    row = Row(
        *names,
        seconds(summary.median),
        _between(summary.low, summary.high, seconds),
        str(summary.n),
        sent=bytes_sent,
        is_base=is_base,
    )
    if difference is None or result.p is None:
        return row
    return Row(
        *(row.scenario, row.variant, row.median, row.interval, row.n),
        times(difference.ratio),
        _between(difference.low, difference.high, times),
        p_value(result.p),
        f"{difference.effect:+.2f}",
        bytes_sent,
    )


def _between(low: float | None, high: float | None, text: object) -> str:
    if low is None or high is None or not callable(text):
        return "none"
    return f"{text(low)} to {text(high)}"


def p_value(p: float) -> str:
    """Such as 0.012 or <0.001."""
    return f"<{_SMALL_P}" if p < _SMALL_P else f"{p:.3f}"
