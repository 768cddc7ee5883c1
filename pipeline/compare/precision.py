"""Whether enough was measured: the interval of a median is narrow."""

from functools import cache

_SMALLEST = 0.02
"""Seconds below which nobody feels a difference: such an interval is narrow whatever the median."""


@cache
def is_narrow(seconds: tuple[float, ...], precision: float) -> bool:
    """Whether half of the median's interval is at most `precision` of the median, or hardly measurable."""
    from pipeline.compare.statistics import summarize  # noqa: PLC0415 - scipy takes most of a second

    summary = summarize(seconds)
    half = summary.half_width
    return half is not None and half <= max(precision * summary.median, _SMALLEST)
