"""The API's routes: HTTP in, the catalogue's values out."""

import os
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, HTTPException, Query
from pydantic import BaseModel, Field

from catalogue import items
from catalogue.echo import router as echo

api = APIRouter(prefix="/api")


class OrderLine(BaseModel):
    """So many of one item, as a client asks for it."""

    item: str
    quantity: Annotated[int, Field(ge=1, le=1000)]


class Order(BaseModel):
    """What a client wants to buy."""

    lines: Annotated[list[OrderLine], Field(min_length=1, max_length=50)]


@api.get("/health")
def health() -> dict[str, str]:
    """Answers while the function works; says which version of it answered."""
    return {"status": "ok", "version": os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "unknown")}


@api.get("/items")
def listed(q: str = "", limit: Annotated[int, Query(ge=1, le=100)] = 100) -> dict[str, list[dict[str, Any]]]:
    return {"items": [asdict(item) for item in items.search(q, limit)]}


@api.get("/items/{item_id}")
def one(item_id: str) -> dict[str, Any]:
    return asdict(_found(item_id))


@api.post("/quotes")
def quote(order: Order) -> dict[str, int]:
    """What an order would cost, in cents."""
    lines = [items.Line(_found(line.item), line.quantity) for line in order.lines]
    return {"cents": items.total(lines)}


def _found(item_id: str) -> items.Item:
    item = items.find(item_id)
    if item is None:
        raise HTTPException(404, f"no item {item_id!r}")
    return item


app = FastAPI(title="Tandem catalogue", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
app.include_router(api)
app.include_router(echo)
