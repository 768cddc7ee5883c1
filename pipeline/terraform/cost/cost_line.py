"""What an estimate is made of: the resources that Terraform plans, and the lines that they cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class PlannedResource:
    """One resource as Terraform plans it."""

    type: str
    address: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class CostLine:
    """One line of the estimate: the item, its US dollars a month, and the amounts they are computed from."""

    what: str
    dollars: float
    how: str


ByType = Mapping[str, list[PlannedResource]]
"""The resources of a plan by their type."""
