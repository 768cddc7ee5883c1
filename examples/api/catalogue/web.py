"""The catalogue's routes: HTTP in, the catalogue's values out."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, Field

from catalogue import items

router = APIRouter(prefix="/api")
ItemId = Annotated[str, Field(examples=["bell"])]


class OrderLine(BaseModel):
    """So many of one item, as a client asks for it."""

    item: ItemId
    quantity: Annotated[int, Field(ge=1, le=1000)]


class Order(BaseModel):
    """What a client wants to buy."""

    lines: Annotated[list[OrderLine], Field(min_length=1, max_length=50)]


@router.get("/items")
def listed(q: str = "", limit: Annotated[int, Query(ge=1, le=100)] = 100) -> dict[str, list[items.Item]]:
    return {"items": items.search(q, limit)}


@router.get("/items/{item_id}")
def one(item_id: ItemId) -> items.Item:
    return _item(item_id)


@router.post("/quotes")
def quote(order: Order) -> dict[str, int]:
    """What an order would cost, in cents."""
    lines = [items.Line(_item(line.item), line.quantity) for line in order.lines]
    return {"cents": items.total(lines)}


def _item(item_id: ItemId) -> items.Item:
    item = items.find(item_id)
    if item is None:
        raise HTTPException(404, f"no item {item_id!r}")
    return item
