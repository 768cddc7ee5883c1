"""Statistics of measured seconds: median with interval, differences, equivalence, many comparisons.

No distribution is assumed but in `equivalence`, which takes logarithms of times as normal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

_CONFIDENCE = 0.95
_RESAMPLES = 4999
_SEED = 1


@dataclass(frozen=True)
class Summary:
    """The median of `n` values and its bootstrap interval of 95 %; one value has no interval."""

    n: int
    median: float
    low: float | None
    high: float | None

    @property
    def half_width(self) -> float | None:
        """Half of the interval's width."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2


@dataclass(frozen=True)
class Difference:
    """Two samples: the ratio of their medians with its interval, and whether the difference is chance."""

    n: tuple[int, int]
    ratio: float
    low: float | None
    high: float | None
    p: float
    """Of the two-sided Mann-Whitney U test."""
    effect: float
    """Cliff's delta: 1 if every value of the first sample is larger, -1 if every one is smaller."""


@dataclass(frozen=True)
class Equivalence:
    """Two one-sided tests: whether two samples differ by less than `margin`, such as 0.05 for 5 %."""

    n: tuple[int, int]
    margin: float
    ratio: float
    """Of the geometric means."""
    low: float
    high: float
    """The interval of 90 %, which lies within the margin exactly if the tests at 5 % show equivalence."""
    p: float

    @property
    def is_shown(self) -> bool:
        return self.p < 1 - _CONFIDENCE


def summarize(values: Sequence[float]) -> Summary:
    """The median and its interval; ValueError without values."""
    if not values:
        raise ValueError("no values")
    low, high = _interval((np.asarray(values, dtype=float),), np.median)
    return Summary(len(values), float(np.median(values)), low, high)


def difference(first: Sequence[float], second: Sequence[float]) -> Difference:
    """By what factor `first` is larger than `second`; ValueError without values."""
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if not a.size or not b.size:
        raise ValueError("no values")
    low, high = _interval((a, b), _ratio)
    test = stats.mannwhitneyu(a, b, alternative="two-sided")
    effect = 2 * float(test.statistic) / (a.size * b.size) - 1
    return Difference((a.size, b.size), float(_ratio(a, b)), low, high, float(test.pvalue), effect)


def equivalence(first: Sequence[float], second: Sequence[float], margin: float) -> Equivalence:
    """Whether the times of `first` are those of `second` within ±`margin`.

    Welch's t-tests on logarithms, against the ratios 1 + margin and 1 / (1 + margin).

    Raises:
        ValueError: fewer than two values, a value that is not positive, or no positive margin.
    """
    if min(len(first), len(second)) < 2:  # noqa: PLR2004 - one value has no variance
        raise ValueError("two values at least")
    if min(*first, *second) <= 0 or margin <= 0:
        raise ValueError("values and margin must be positive")
    a, b, shift = np.log(first), np.log(second), np.log1p(margin)
    above = stats.ttest_ind(a + shift, b, equal_var=False, alternative="greater")
    below = stats.ttest_ind(a - shift, b, equal_var=False, alternative="less")
    interval = stats.ttest_ind(a, b, equal_var=False).confidence_interval(2 * _CONFIDENCE - 1)
    return Equivalence(
        (len(first), len(second)),
        margin,
        float(np.exp(a.mean() - b.mean())),
        float(np.exp(interval.low)),
        float(np.exp(interval.high)),
        float(max(above.pvalue, below.pvalue)),
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values corrected for their number, by the method of Holm (1979)."""
    count, largest = len(p_values), 0.0
    corrected_values = [0.0] * count
    for rank, place in enumerate(sorted(range(count), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (count - rank) * p_values[place]))
        corrected_values[place] = largest
    return corrected_values


def _ratio(a: Any, b: Any, axis: int = -1) -> Any:  # noqa: ANN401 - numpy's arrays or numbers
    return np.median(a, axis=axis) / np.median(b, axis=axis)


def _interval(samples: tuple[Any, ...], statistic: Any) -> tuple[float | None, float | None]:  # noqa: ANN401
    """The percentile interval of `statistic`; None if a sample has one value only."""
    if min(sample.size for sample in samples) < 2:  # noqa: PLR2004 - nothing to resample
        return None, None
    interval = stats.bootstrap(
        samples,
        statistic,
        n_resamples=_RESAMPLES,
        confidence_level=_CONFIDENCE,
        method="percentile",
        vectorized=True,
        paired=False,
        rng=np.random.default_rng(_SEED),
    ).confidence_interval
    return float(interval.low), float(interval.high)
