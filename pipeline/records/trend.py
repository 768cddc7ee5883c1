"""How an image's build time changed over its last builds, and at which commit it became slower or faster.

Change points are found by Pettitt's rank test (1979) with a permutation test for its significance, and by
binary segmentation: each part is tested again. Ranks make it robust against single slow builds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from statistics import median
from typing import Any

import numpy as np

from pipeline.core.errors import TandemError
from pipeline.records.build_record import BuildRecord

_CHANCE = 0.01
"""The probability below which a change is no chance."""
_PERMUTATIONS = 999
_SHORTEST = 4
"""Builds on each side of a change point at least."""
_FELT = 0.05
"""Changes of the median below this share are not named."""
_SEED = 1


@dataclass(frozen=True)
class ChangePoint:
    """The build from which on the times differ: its place, and the medians before and from it."""

    place: int
    before: float
    after: float
    p: float

    @property
    def ratio(self) -> float:
        return self.after / self.before


@dataclass(frozen=True)
class Trend:
    """The builds of one image on one machine, oldest first, and the changes among them."""

    image: str
    builds: tuple[BuildRecord, ...]
    changes: tuple[ChangePoint, ...]


def trend(records: Sequence[BuildRecord], image: str, last: int) -> Trend:
    """The last builds of `image` that releases made on the machine of the newest.

    Builds from the cache alone and failed ones do not count.

    Raises:
        TandemError: no build of that image is recorded.
    """
    own = [each for each in records if each.image == image and each.is_built and not each.scenario]
    if not own:
        images = ", ".join(sorted({each.image for each in records if not each.scenario})) or "none"
        raise TandemError(
            f"no build of image {image!r} by a release is recorded: there are builds of {images}",
            hint="tandem records list --kind build",
        )
    builds = [each for each in own if each.machine == own[-1].machine][-last:]
    return Trend(image, tuple(builds), tuple(change_points([each.seconds for each in builds])))


def change_points(seconds: Sequence[float]) -> list[ChangePoint]:
    """The places at which the median changed, in order; equal input gives equal output."""
    values = np.asarray(seconds, dtype=float)
    rng = np.random.default_rng(_SEED)
    changes = _with_medians(seconds, _split(values, 0, len(values), rng))
    while changes and (least := min(changes, key=_size)) and _size(least) < _FELT:
        # What is left is compared across the change that nobody feels.
        changes = _with_medians(seconds, [(each.place, each.p) for each in changes if each is not least])
    return changes


def _size(change: ChangePoint) -> float:
    return abs(change.after / change.before - 1) if change.before > 0 else 0.0


def _with_medians(seconds: Sequence[float], places: Sequence[tuple[int, float]]) -> list[ChangePoint]:
    ordered = sorted(places)
    edges = [0, *(place for place, _ in ordered), len(seconds)]
    return [
        ChangePoint(
            place, median(seconds[edges[number] : place]), median(seconds[place : edges[number + 2]]), p
        )
        for number, (place, p) in enumerate(ordered)
    ]


def _split(values: Any, start: int, end: int, rng: Any) -> list[tuple[int, float]]:  # noqa: ANN401 - numpy's
    """Change points between `start` and `end`, with their p-values."""
    part = values[start:end]
    if not _is_long_enough(len(part)):
        return []
    place, strength = _strongest(part[None, :])
    shuffled = rng.permuted(np.broadcast_to(part, (_PERMUTATIONS, len(part))), axis=1)
    _, strengths = _strongest(shuffled)
    p = (1 + int((strengths >= strength[0]).sum())) / (_PERMUTATIONS + 1)
    if p >= _CHANCE:
        return []
    at = start + _refined(part, int(place[0]))
    return [*_split(values, start, at, rng), (at, p), *_split(values, at, end, rng)]


def _refined(part: Any, place: int) -> int:  # noqa: ANN401 - numpy's array
    """The place near `place` that leaves the least deviation from the medians: ranks prefer the middle."""
    near = range(max(place - _SHORTEST, _SHORTEST), min(place + _SHORTEST, len(part) - _SHORTEST) + 1)
    return min(near, key=lambda at: (_deviation(part[:at]) + _deviation(part[at:]), abs(at - place)))


def _deviation(part: Any) -> float:  # noqa: ANN401 - numpy's array
    return float(np.abs(part - np.median(part)).sum())


def _is_long_enough(count: int) -> bool:
    """Whether a change could be significant at all."""
    return count >= 2 * _SHORTEST and 2 / comb(count, count // 2) < _CHANCE


def _strongest(rows: Any) -> tuple[Any, Any]:  # noqa: ANN401 - numpy's arrays
    """For each row the place of the strongest change, and Pettitt's statistic there, for its length."""
    count = rows.shape[1]
    order = rows.argsort(axis=1, kind="stable")
    ranks = np.empty_like(order, dtype=float)
    np.put_along_axis(ranks, order, np.arange(1, count + 1, dtype=float)[None, :].repeat(len(rows), 0), 1)
    sizes = np.arange(1, count)
    sums = np.cumsum(ranks, axis=1)[:, :-1]
    deviation = np.abs(2 * sums - sizes * (count + 1))
    # By the statistic's own spread, so that a change near an end is found as well.
    strengths = deviation / np.sqrt(sizes * (count - sizes) * (count + 1) / 3)
    strengths[:, : _SHORTEST - 1] = 0
    strengths[:, count - _SHORTEST :] = 0
    best = strengths.argmax(axis=1)
    return best + 1, strengths[np.arange(len(rows)), best]
