"""The chart of `tandem tune`: times and prices of a function with each amount of memory."""

from collections.abc import Sequence

import matplotlib as mpl

from pipeline.compare.report.drawing import INK, PALE, Chart, finish, new_figure, settings
from pipeline.deploy.memory_sizes import MeasuredSize

_TIME, _PRICE = "#1f6fb8", "#b9812b"
_ROW = 0.45  # inches
_HALF = 0.36


def sizes_chart(sizes: Sequence[MeasuredSize], current: int, where: str) -> Chart:
    """Bars for the median, a line to the 95th percentile, and a second axis with the price of a million.

    Sizes that failed are left out. `where` says on what was measured.
    """
    measured_sizes = [each for each in sizes if not each.error]
    title = f"Memory of the API's function, {where}"
    with mpl.rc_context(settings(title)):
        figure, axes = new_figure(1.3 + _ROW * len(measured_sizes))
        places = range(len(measured_sizes))
        axes.barh(places, [each.median for each in measured_sizes], height=_HALF, color=_TIME)
        for place, each in zip(places, measured_sizes, strict=True):
            axes.plot([each.median, each.p95], [place, place], color=INK, linewidth=1.2)
        axes.set_yticks(places, [_name(each, current) for each in measured_sizes])
        axes.set_ylim(len(measured_sizes) - 0.5, -0.5)
        axes.set_xlim(left=0)
        axes.set_xlabel("milliseconds: median (bar), 95th percentile (line)", color=_TIME)
        prices = axes.twiny()
        prices.spines["top"].set(visible=True, color=PALE)
        prices.plot([each.dollars for each in measured_sizes], places, "D", color=_PRICE, markeredgecolor=INK)
        prices.set_xlim(left=0)
        prices.set_xlabel("dollars for a million requests (diamond)", color=_PRICE)
        text = "; ".join(
            f"{_name(each, current)}: {each.median:.1f} ms, {each.dollars:.2f} dollars"
            for each in measured_sizes
        )
        return finish(figure, title, text)


def _name(size: MeasuredSize, current: int) -> str:
    return f"{size.memory} MB" + (", released" if size.memory == current else "")
