"""What the catalogue sells and what an order costs."""

from collections.abc import Sequence
from dataclasses import dataclass

_DOZEN = 12
_DOZEN_PERCENT_OFF = 10


@dataclass(frozen=True)
class Item:
    """One thing for sale; `cents` is its price in euro cents."""

    id: str
    name: str
    cents: int


@dataclass(frozen=True)
class Line:
    """So many of one item."""

    item: Item
    quantity: int

    @property
    def cents(self) -> int:
        """A dozen or more of the same item are cheaper; rounded in the buyer's favour."""
        full = self.item.cents * self.quantity
        return full * (100 - _DOZEN_PERCENT_OFF) // 100 if self.quantity >= _DOZEN else full


ITEMS = (
    Item("bell", "Bicycle bell", 1290),
    Item("bottle", "Water bottle", 890),
    Item("chain", "Tandem chain", 4490),
    Item("lamp", "Front lamp", 3450),
    Item("saddle", "Leather saddle", 11900),
    Item("tube", "Inner tube", 650),
)
_BY_ID = {item.id: item for item in ITEMS}


def find(item_id: str) -> Item | None:
    """The item of that id, if there is one."""
    return _BY_ID.get(item_id)


def search(text: str, limit: int) -> list[Item]:
    """Items whose name contains `text`, whatever its case."""
    return [item for item in ITEMS if text.lower() in item.name.lower()][:limit]


def total(lines: Sequence[Line]) -> int:
    """Cents for all lines together."""
    return sum(line.cents for line in lines)
