"""Draw the runs and the bytes of a comparison: a band for each scenario, a row for each variant."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from pipeline.compare.measurement import Cell, Variant
from pipeline.compare.report.drawing import (
    ALARM,
    INK,
    PALE,
    STYLE,
    Chart,
    finish,
    legend,
    new_figure,
    settings,
    wrapped,
)
from pipeline.compare.report.findings import SCENARIO_NAMES, VARIANT_NAMES, megabytes, seconds, size_name
from pipeline.compare.report.report_content import ReportContent
from pipeline.compare.scenarios import Scenario

_BAND = 0.2
"""Inches for a variant in a scenario's band."""
_SMALLEST_BYTES = 100.0
_KILO, _MEGA, _GIGA = 1e3, 1e6, 1e9


@dataclass(frozen=True)
class _Bytes:
    """What a cell sent, and what had changed."""

    scenario: Scenario
    variant: Variant
    sent: float
    changed: float | None

    def __str__(self) -> str:
        name = f"{SCENARIO_NAMES[self.scenario]}, {VARIANT_NAMES[self.variant]}: sent {megabytes(self.sent)}"
        return name if self.changed is None else f"{name}, changed {megabytes(self.changed)}"


def runs_chart(content: ReportContent, size: str) -> Chart:
    """Every build as a point, with the medians and their intervals."""
    cells = [result.cell for result in content.results if result.summary and result.cell.size == size]
    scenarios = content.scenarios(size)
    variants = [each for each in content.plan.variants if each in {cell.variant for cell in cells}]
    title = f"Every build, {size_name(size)}"
    with mpl.rc_context(settings(title)):
        figure, axes = new_figure(1.1 + _BAND * len(scenarios) * max(len(variants), 2))
        for cell in cells:
            row = (variants.index(cell.variant) + 0.5) / len(variants) - 0.5
            _draw_runs(axes, content, cell, scenarios.index(cell.scenario) + row)
        for band in range(1, len(scenarios)):
            axes.axhline(band - 0.5, color=PALE, linewidth=0.8)
        axes.set_yticks(range(len(scenarios)), [wrapped(SCENARIO_NAMES[each]) for each in scenarios])
        axes.set_ylim(len(scenarios) - 0.5, -0.5)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g} s"))
        axes.set_xlabel("seconds from commit to pushed images, logarithmic")
        legend(figure, variants)
        return finish(figure, title, _runs_text(content, size))


def _draw_runs(axes: Any, content: ReportContent, cell: Cell, place: float) -> None:  # noqa: ANN401
    runs = [run.seconds for run in content.runs(cell)]
    colour, marker = STYLE[cell.variant]
    edge = {"markeredgecolor": INK, "markeredgewidth": 0.5, "markersize": 5, "alpha": 0.75}
    axes.plot(runs, [place] * len(runs), marker, color=colour, **edge)
    result = content.find(cell.size, cell.variant, cell.scenario)
    if result is None or result.summary is None:
        return
    summary = result.summary
    if summary.low is not None and summary.high is not None:
        axes.plot([summary.low, summary.high], [place, place], color=INK, linewidth=1.2, zorder=3)
    axes.plot([summary.median], [place], "|", color=INK, markersize=11, markeredgewidth=1.6, zorder=4)


def _runs_text(content: ReportContent, size: str) -> str:
    return "; ".join(
        f"{SCENARIO_NAMES[result.cell.scenario]}, {VARIANT_NAMES[result.cell.variant]}: "
        f"median {seconds(result.summary.median)} of {result.summary.n}"
        for result in content.results
        if result.cell.size == size and result.summary
    )


def bytes_chart(content: ReportContent, size: str) -> Chart | None:
    """What each build sent against what had changed; None if no builder could tell."""
    rows = [
        _Bytes(result.cell.scenario, result.cell.variant, result.bytes_sent, result.bytes_changed)
        for result in content.results
        if result.cell.size == size and result.bytes_sent is not None
    ]
    measured = {row.scenario for row in rows}
    scenarios = [each for each in content.scenarios(size) if each in measured]
    if not rows:
        return None
    title = f"Bytes sent to the registry, {size_name(size)}"
    with mpl.rc_context(settings(title)):
        figure, axes = new_figure(1.1 + 0.2 * (len(rows) + len(scenarios)))
        _draw_all_bytes(axes, rows, scenarios)
        axes.set_xscale("log")
        axes.set_xlim(left=_SMALLEST_BYTES)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _bytes(value)))
        axes.set_xlabel("compressed bytes, logarithmic; no bar: none")
        mark = Line2D([], [], color=ALARM, marker="|", linestyle="", markersize=11, markeredgewidth=2)
        mark.set_label("bytes of the changed files")
        is_marked = any(row.changed for row in rows)
        legend(figure, list(dict.fromkeys(row.variant for row in rows)), [mark] if is_marked else [])
        return finish(figure, title, "; ".join(map(str, rows)))


def _draw_all_bytes(axes: Any, rows: Sequence[_Bytes], scenarios: Sequence[Scenario]) -> None:  # noqa: ANN401
    place, ticks = 0.0, list[float]()
    for scenario in scenarios:
        own = [row for row in rows if row.scenario is scenario]
        ticks.append(place + (len(own) - 1) / 2)
        for row in own:
            _draw_bytes(axes, place, row)
            place += 1
        place += 0.8
    axes.set_yticks(ticks, [wrapped(SCENARIO_NAMES[scenario]) for scenario in scenarios])
    axes.set_ylim(place - 0.8, -0.8)


def _draw_bytes(axes: Any, place: float, row: _Bytes) -> None:  # noqa: ANN401 - matplotlib's axes
    length = max(row.sent - _SMALLEST_BYTES, 0)
    look = {"color": STYLE[row.variant][0], "edgecolor": INK, "linewidth": 0.5}
    axes.barh(place, length, left=_SMALLEST_BYTES, height=0.75, **look)
    if row.changed:
        axes.plot([row.changed], [place], "|", color="white", markersize=12, markeredgewidth=4.5)
        axes.plot([row.changed], [place], "|", color=ALARM, markersize=11, markeredgewidth=2)


def _bytes(count: float) -> str:
    if count >= _GIGA:
        return f"{count / _GIGA:g} GB"
    if count >= _MEGA:
        return f"{count / _MEGA:g} MB"
    return f"{count / _KILO:g} kB" if count >= _KILO else f"{count:g} B"
