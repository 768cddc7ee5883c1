"""Estimate build times of a change from the medians of a comparison."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.compare.measurement import Variant
from pipeline.compare.report.report_content import ReportContent
from pipeline.compare.results import CellResult
from pipeline.compare.scenarios import Scenario
from pipeline.core.errors import TandemError

_BLOATED = (Scenario.APP_ONLY, Scenario.STATIC_ONE_FILE, Scenario.BOTH, Scenario.COLD)


@dataclass(frozen=True)
class TimeModel:
    """Seconds of a build, bloated and split, for content of one size."""

    bloated: float
    """For any change: everything is built and sent."""
    app: float
    static: float
    """For a change of almost nothing."""
    static_per_byte: float
    basis: str
    """What the figures come from, for the reader."""

    def split(self, *, app: bool, static_bytes: int | None) -> float:
        """Seconds for a change of the app, of that many bytes of content, or of both, which build at once."""
        static = 0.0 if static_bytes is None else self.static + self.static_per_byte * static_bytes
        return max(self.app if app else 0.0, static)


def time_model(content: ReportContent, content_bytes: int) -> TimeModel:
    """The model for content of that size, from the measured sizes nearest to it.

    Raises:
        TandemError: the comparison has no median of a build that the model needs.
    """
    sizes = _measured_sizes(content)
    if not sizes:
        raise _missing("the bloated image")
    nearest = min(sizes, key=lambda size: abs(size[1] - content_bytes))
    label = nearest[0]
    app = _median(_split(content, label, Scenario.APP_ONLY), "a change in the app")
    one = _split(content, label, Scenario.STATIC_ONE_FILE)
    static = _median(one, "a change of one content file")
    points = [(count, _bloated(content, size)) for size, count in sizes]
    bloated, how = _at(points, content_bytes)
    return TimeModel(bloated, app, static, _slope(content, label, one), f"{content.started.run}, {how}")


def _measured_sizes(content: ReportContent) -> list[tuple[str, int]]:
    """Labels and bytes of the sizes with a median of the bloated image."""
    sizes = []
    for size in content.sizes:
        counts = [
            each.content_bytes for each in content.measurements if each.cell.size == size and each.counts
        ]
        if any(content.find(size, Variant.MONOLITH, scenario) for scenario in _BLOATED):
            sizes.append((size, max(counts)))
    return sizes


def _bloated(content: ReportContent, size: str) -> float:
    results = (content.find(size, Variant.MONOLITH, scenario) for scenario in _BLOATED)
    return _median(next(filter(None, results)), "the bloated image")


def _split(content: ReportContent, size: str, scenario: Scenario) -> CellResult | None:
    order = (Variant.SPLIT_LAYERS, Variant.FUSED, Variant.SPLIT_DOCKERFILE)
    return next((result for variant in order if (result := content.find(size, variant, scenario))), None)


def _slope(content: ReportContent, size: str, one: CellResult | None) -> float:
    """Seconds for each further byte that changed; 0 if 1 % of the content was not measured."""
    many = _split(content, size, Scenario.STATIC_ONE_PERCENT)
    if not (one and many and one.summary and many.summary and one.bytes_changed and many.bytes_changed):
        return 0.0
    more = many.bytes_changed - one.bytes_changed
    return max((many.summary.median - one.summary.median) / more, 0.0) if more > 0 else 0.0


def _at(points: Sequence[tuple[int, float]], count: int) -> tuple[float, str]:
    """Seconds at `count` bytes: on the line through the nearest sizes, or in proportion to the only one."""
    if len({size for size, _ in points}) == 1:
        size, seconds = points[0]
        if not size or not count:
            return seconds, "as measured"
        return seconds * count / size, f"in proportion to the {size / 1e6:.0f} MB that were measured"
    near = sorted(points, key=lambda point: abs(point[0] - count))[:2]
    (first, low), (second, high) = sorted(near)
    seconds = low + (high - low) * (count - first) / (second - first)
    return max(
        seconds, min(low, high) * 0.1
    ), f"on the line through {first / 1e6:.0f} and {second / 1e6:.0f} MB"


def _median(result: CellResult | None, what: str) -> float:
    if result is None or result.summary is None:
        raise _missing(what)
    return result.summary.median


def _missing(what: str) -> TandemError:
    return TandemError(f"the comparison has no build time of {what}", hint="tandem compare builds")
