"""A figure with its range, its basis and its sources, which arithmetic keeps."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from pipeline.compare.alternatives.citations import Citation


@dataclass(frozen=True)
class Estimate:
    """An amount between `low` and `high`; measured here, or modelled from what others document."""

    low: float
    high: float
    is_measured: bool
    sources: tuple[Citation, ...] = ()

    @classmethod
    def measured(cls, value: float) -> "Estimate":
        """A figure of this project's own measurement."""
        return cls(value, value, is_measured=True, sources=(Citation.MEASURED,))

    @classmethod
    def documented(cls, low: float, high: float, *sources: Citation) -> "Estimate":
        """A figure of another's documentation or measurement, or an assumption."""
        return cls(low, high, is_measured=False, sources=sources)

    def __add__(self, other: "Estimate") -> "Estimate":
        """Both one after the other: measured only if both are."""
        return Estimate(
            self.low + other.low,
            self.high + other.high,
            self.is_measured and other.is_measured,
            _merged((self, other)),
        )

    def times(self, count: float) -> "Estimate":
        """The same `count` times over."""
        return replace(self, low=self.low * count, high=self.high * count)

    def at_rate(self, rate: "Estimate") -> "Estimate":
        """The seconds for this amount at `rate` a second: the fastest rate gives the lowest."""
        return Estimate(
            self.low / rate.high,
            self.high / rate.low,
            self.is_measured and rate.is_measured,
            _merged((self, rate)),
        )

    def at_least(self, other: "Estimate") -> "Estimate":
        """The longer of both, where two limits apply at the same time."""
        return Estimate(
            max(self.low, other.low),
            max(self.high, other.high),
            self.is_measured and other.is_measured,
            _merged((self, other)),
        )


NOTHING = Estimate(0.0, 0.0, is_measured=True)
"""What does not happen, and needs no source."""


def exactly(amount: float) -> Estimate:
    """An amount that follows from the site itself."""
    return Estimate(amount, amount, is_measured=True)


def total(figures: Iterable[Estimate]) -> Estimate:
    """All one after the other."""
    return sum(figures, NOTHING)


def _merged(figures: Iterable[Estimate]) -> tuple[Citation, ...]:
    return tuple(dict.fromkeys(source for figure in figures for source in figure.sources))
