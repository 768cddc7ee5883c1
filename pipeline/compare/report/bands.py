"""Draw each variant against the bloated image, with the band in which both are as good as equal."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from pipeline.compare.experiment import Figure
from pipeline.compare.experiment_results import FigureResult
from pipeline.compare.report.drawing import INK, PALE, Chart, finish, new_figure, settings, wrapped
from pipeline.compare.report.section import comparison_text

LOOKS = (("#1f6fb8", "o"), ("#9cc7ee", "D"), ("#b9812b", "^"), ("#77828f", "v"))
"""Colour and marker of each variant in turn: the colours differ in lightness too."""
_WIDEST = 60.0
"""Percent at which an axis ends: one noisy interval must not hide all others."""


def bands_chart(
    title: str, figure: Figure, results: Sequence[FigureResult], names: Mapping[str, str]
) -> Chart | None:
    """The 90 % intervals of one figure, case by case; None without a tested comparison."""
    comparisons = [each for each in results if each.figure == figure and each.equivalence]
    if not comparisons:
        return None
    cases = list(dict.fromkeys(each.cell.case for each in comparisons))
    variants = list(dict.fromkeys(each.cell.variant for each in comparisons))
    margin = max(each.equivalence.margin for each in comparisons if each.equivalence) * 100
    ends = _limits(comparisons, margin)
    with mpl.rc_context(settings(title)):
        drawing, axes = new_figure(1.2 + 0.24 * len(cases) * max(len(variants), 2))
        axes.axvspan(-margin, margin, color=PALE, alpha=0.6, linewidth=0)
        axes.axvline(0, color=INK, linewidth=0.8)
        for each in comparisons:
            offset = (variants.index(each.cell.variant) + 0.5) / len(variants) - 0.5
            place = cases.index(each.cell.case) + 0.7 * offset
            _draw(axes, each, place, LOOKS[variants.index(each.cell.variant) % len(LOOKS)], ends)
        axes.set_yticks(range(len(cases)), [wrapped(names.get(case, case)) for case in cases])
        axes.set_ylim(len(cases) - 0.5, -0.5)
        axes.set_xlim(*ends)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:+g} %" if value else "0"))
        axes.set_xlabel(f"against the bloated image; grey: within ±{margin:g} %")
        drawing.legend(
            handles=[_mark(name, LOOKS[at % len(LOOKS)]) for at, name in enumerate(variants)],
            loc="outside upper left",
            ncols=2,
            frameon=False,
        )
        return finish(drawing, title, "; ".join(_text(each, names) for each in comparisons))


def _draw(
    axes: Any,  # noqa: ANN401 - matplotlib's axes
    result: FigureResult,
    place: float,
    look: tuple[str, str],
    ends: tuple[float, float],
) -> None:
    same = result.equivalence
    if same is None:
        return
    low, ratio, high = ((each - 1) * 100 for each in (same.low, same.ratio, same.high))
    if not ends[0] <= ratio <= ends[1]:
        side = "right" if ratio > 0 else "left"
        axes.text(
            ends[ratio > 0], place, f"{result.cell.variant} {ratio:+.0f} %", ha=side, va="center", color=INK
        )
        return
    axes.plot([low, high], [place, place], color=INK, linewidth=1.4, zorder=3)
    edge = {"markeredgecolor": INK, "markeredgewidth": 0.5, "markersize": 6, "zorder": 4}
    axes.plot([ratio], [place], look[1], color=look[0], **edge)


def _limits(comparisons: Sequence[FigureResult], margin: float) -> tuple[float, float]:
    ends = [(end - 1) * 100 for each in comparisons if (e := each.equivalence) for end in (e.low, e.high)]
    low, high = min(-1.5 * margin, *ends), max(1.5 * margin, *ends)
    return max(low * 1.05, -_WIDEST), min(high * 1.05, _WIDEST)


def _mark(name: str, look: tuple[str, str]) -> Line2D:
    line = Line2D([], [], color=look[0], marker=look[1], linestyle="", label=name)
    line.set_markeredgecolor(INK)
    line.set_markeredgewidth(0.5)
    return line


def _text(result: FigureResult, names: Mapping[str, str]) -> str:
    case = names.get(result.cell.case, result.cell.case)
    return f"{case}, {result.cell.variant}: {comparison_text(result)}"
