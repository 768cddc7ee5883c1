"""How charts look, and their way from matplotlib to an SVG element with a title and a text."""

import html
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pipeline.compare.measurement import Variant
from pipeline.compare.report.findings import VARIANT_NAMES

WIDTH = 4.8  # inches: about as wide as a telephone, so that text stays legible there
INK, PALE, ALARM = "#1d2733", "#d9dfe5", "#c02f1d"
STYLE: Mapping[Variant, tuple[str, str]] = {
    Variant.MONOLITH: ("#1d2733", "s"),
    Variant.SPLIT_DOCKERFILE: ("#b9812b", "^"),
    Variant.SPLIT_LAYERS: ("#1f6fb8", "o"),
    Variant.FUSED: ("#9cc7ee", "D"),
}
"""Colour and marker of each variant: the colours differ in lightness too."""
_SETTINGS: Mapping[str, Any] = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": INK,
    "axes.edgecolor": PALE,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "ytick.left": False,
    "hatch.linewidth": 0.6,
}
_SIZE = re.compile(r'(?:width|height)="[^"]*pt"')
_REFERENCE = re.compile(r'(\bid="|href="#|url\(#)')
"""Where an id is given or used: matplotlib names the parts of every chart alike."""
_LONG = 16


@dataclass(frozen=True)
class Chart:
    """A chart: its title, what it shows in words, and the SVG element."""

    title: str
    text: str
    svg: str


def settings(salt: str) -> Any:  # noqa: ANN401 - matplotlib types each key
    """Matplotlib's settings; equal charts get equal ids, which `salt` keeps apart on one page."""
    return {**_SETTINGS, "svg.hashsalt": salt}


def new_figure(height: float) -> tuple[Any, Any]:
    """A figure of that height in inches, and its axes."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.subplots()
    axes.grid(axis="x", color=PALE, linewidth=0.6)
    axes.set_axisbelow(True)
    return figure, axes


def legend(figure: Any, variants: Sequence[Variant], extra: Sequence[Line2D] = ()) -> None:  # noqa: ANN401
    """Name the variants above the chart."""
    handles = [_marker(variant) for variant in variants]
    figure.legend(handles=[*handles, *extra], loc="outside upper left", ncols=2, frameon=False)


def _marker(variant: Variant) -> Line2D:
    colour, marker = STYLE[variant]
    line = Line2D([], [], color=colour, marker=marker, linestyle="", label=VARIANT_NAMES[variant])
    line.set_markeredgecolor(INK)
    line.set_markeredgewidth(0.5)
    return line


def wrapped(text: str) -> str:
    """The text in two lines where it is long."""
    words = text.split()
    if len(text) <= _LONG or len(words) == 1:
        return text
    half = min(range(1, len(words)), key=lambda at: abs(len(" ".join(words[:at])) - len(text) / 2))
    return f"{' '.join(words[:half])}\n{' '.join(words[half:])}"


def finish(figure: Any, title: str, text: str) -> Chart:  # noqa: ANN401 - matplotlib's figure
    """The chart as an element that scales with the page; `text` is for those who do not see it."""
    out = io.StringIO()
    figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = _SIZE.sub("", out.getvalue(), count=2)
    svg = svg[svg.index("<svg ") :]
    name = re.sub(r"\W+", "-", title).strip("-").lower()
    opening, rest = _REFERENCE.sub(rf"\1{name}-", svg).split(">", 1)
    opening = opening.replace("<svg ", f'<svg role="img" aria-labelledby="{name}-title {name}-text" ', 1)
    described = (
        f'<title id="{name}-title">{html.escape(title)}</title>'
        f'<desc id="{name}-text">{html.escape(text)}</desc>'
    )
    return Chart(title, text, f"{opening}>{described}{rest}")
