"""The ASGI application: what is in stock, from PostgreSQL."""

import os
from typing import Annotated, Any

from database import connection
from fastapi import FastAPI, HTTPException, Path, Request
from fastapi.responses import JSONResponse
from psycopg_pool import PoolTimeout

app = FastAPI(title="Stock", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
Item = Annotated[str, Path(max_length=100)]


@app.exception_handler(PoolTimeout)
def busy(_: Request, error: PoolTimeout) -> JSONResponse:
    """The database is busy: a client may come again, and the load balancer sees a healthy target."""
    return JSONResponse({"detail": str(error)}, 503, {"Retry-After": "5"})


@app.get("/api/health")
def health() -> dict[str, str]:
    """Answers without the database: if it is down, new instances would not help."""
    return {"status": "ok", "version": os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "unknown")}


@app.get("/api/stock/{item}")
def stock(item: Item) -> dict[str, Any]:
    with connection() as database:
        row = database.execute("SELECT quantity FROM stock WHERE item = %s", [item]).fetchone()
    if row is None:
        raise HTTPException(404, f"no item {item!r}")
    return {"item": item, "quantity": row[0]}
