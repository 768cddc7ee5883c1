"""PostgreSQL: connections are reused, and no instance opens more than its share.

A connection for each request works until many come at once: PostgreSQL refuses those beyond its
`max_connections`. Here a request waits for one of this instance's connections instead.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

from credentials import password
from psycopg import Connection
from psycopg_pool import ConnectionPool

_WAIT_SECONDS = 10.0
_IDLE_SECONDS = 60.0
_LIFETIME_SECONDS = 1800.0
_OF_A_SERVER = 10
_LOCK = Lock()


def most_connections() -> int:
    """The cap of this instance. Lambda gives an instance one request at a time, so it needs one."""
    of_an_instance = 1 if "AWS_LAMBDA_FUNCTION_NAME" in os.environ else _OF_A_SERVER
    return int(os.environ.get("DATABASE_CONNECTIONS", of_an_instance))


@contextmanager
def connection() -> Iterator[Connection[Any]]:
    """A connection for one request, committed at the end.

    Raises:
        psycopg_pool.PoolTimeout: none was free for ten seconds.
    """
    with _LOCK:  # without it the first requests at once would make a pool each
        pool = _pool()
    with pool.connection() as open_connection:
        yield open_connection


@cache
def _pool() -> ConnectionPool[Connection[Any]]:
    """This process's connections, opened when they are needed."""
    return ConnectionPool(
        kwargs=_parameters,
        min_size=0,
        max_size=most_connections(),
        timeout=_WAIT_SECONDS,
        max_idle=_IDLE_SECONDS,
        max_lifetime=_LIFETIME_SECONDS,
        # Lambda stops the clock between requests: meanwhile the server may have closed the connection.
        check=ConnectionPool.check_connection,
        open=True,
    )


def _parameters() -> dict[str, Any]:
    """For each new connection, since a token opens none after 15 minutes."""
    return {
        "host": os.environ["DATABASE_HOST"],
        "port": os.environ["DATABASE_PORT"],
        "user": os.environ["DATABASE_USER"],
        "dbname": os.environ.get("DATABASE_NAME", "postgres"),
        "sslmode": os.environ.get("DATABASE_SSLMODE", "require"),
        "password": password(),
        "connect_timeout": 5,
    }
