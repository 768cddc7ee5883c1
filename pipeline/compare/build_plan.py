"""What a comparison of builds measures, and how often."""

from dataclasses import asdict, dataclass
from itertools import count, product
from math import comb
from typing import Any, Self

from pipeline.compare.measurement import Cell, Variant
from pipeline.compare.scenarios import Scenario
from pipeline.records.document import known_fields

OWN = "own"
"""The size that stands for the sources' own content."""
_CHANCE = 0.05


@dataclass(frozen=True)
class Plan:
    """A comparison: cells, repetitions, and the budget in seconds."""

    sizes: tuple[tuple[str, int], ...]
    """Labels and bytes, the smallest first."""
    variants: tuple[Variant, ...]
    scenarios: tuple[Scenario, ...]
    least: int
    most: int
    precision: float
    """A cell is finished if half of its interval is at most this share of its median."""
    budget: float
    seed: int
    preset: str = ""

    def cells(self, size: str) -> list[Cell]:
        """The cells of one size."""
        return [Cell(size, variant, scenario) for variant, scenario in product(self.variants, self.scenarios)]

    @property
    def comparisons(self) -> int:
        """How many cells are compared with the bloated image."""
        others = sum(variant is not Variant.MONOLITH for variant in self.variants)
        return others * len(self.scenarios) * len(self.sizes) if others < len(self.variants) else 0

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {
            "sizes": [[*size] for size in self.sizes],
            "variants": [*map(str, self.variants)],
            "scenarios": [*map(str, self.scenarios)],
        }

    @classmethod
    def parse(cls, values: dict[str, Any]) -> Self:
        """The plan of parsed JSON; ValueError if it has another shape."""
        try:
            arguments = known_fields(cls, values)
            arguments["sizes"] = tuple((str(label), int(size)) for label, size in values["sizes"])
            arguments["variants"] = tuple(map(Variant, values["variants"]))
            arguments["scenarios"] = tuple(map(Scenario, values["scenarios"]))
            return cls(**arguments)
        except (KeyError, TypeError) as error:
            raise ValueError(f"no plan: {error}") from error


def needed_runs(comparisons: int) -> int:
    """The least builds of each variant with which the corrected p-value can be below 5 %.

    Two samples of n values that do not overlap have p = 2 / C(2n, n); the correction multiplies it.
    """
    return next(n for n in count(1) if 2 * max(comparisons, 1) / comb(2 * n, n) < _CHANCE)
