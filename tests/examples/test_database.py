"""The example of an API with a database: many requests share few connections; secrets are fetched once."""

import asyncio
import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import psycopg
import pytest

from pipeline.core.paths import ROOT
from tests.support.ports import free_port
from tests.support.postgres import postgres
from tests.support.waiting import until

EXAMPLE = ROOT / "examples" / "api-database"
LIMIT, REQUESTS, INSTANCES, CAP = 80, 200, 3, 20
# A read waits while the test holds the lock, as it does at a busy database.
TABLES = """
CREATE ROLE api LOGIN;
CREATE TABLE items (item text PRIMARY KEY, quantity int);
INSERT INTO items VALUES ('bell', 12);
CREATE VIEW stock AS SELECT item, quantity FROM items, pg_advisory_xact_lock_shared(1);
GRANT SELECT ON stock TO api;
"""


@pytest.fixture(scope="module")
def database():
    with postgres(max_connections=LIMIT) as access:
        with psycopg.connect(**access) as admin:
            admin.execute(TABLES)
        yield {**access, "user": "api"}


def variables(access, **more):
    named = {f"DATABASE_{name.upper()}": str(access[name]) for name in ("host", "port", "user")}
    return {**named, "DATABASE_SSLMODE": "disable", "DATABASE_PASSWORD": "x", **more}


@contextmanager
def instances(access, **more):
    """The example behind uvicorn, several times, as tasks run it: the URLs."""
    environ = {**os.environ, **variables(access, **more)}
    ports = [free_port() for _ in range(INSTANCES)]
    command = [sys.executable, "-m", "uvicorn", "application:app", "--log-level", "critical", "--port"]
    started = [subprocess.Popen([*command, str(port)], cwd=EXAMPLE, env=environ) for port in ports]
    urls = [f"http://127.0.0.1:{port}" for port in ports]
    try:
        for url in urls:
            until(lambda url=url: _answers(url))
        yield urls
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait()


def _answers(url):
    try:
        return httpx.get(f"{url}/api/health").is_success
    except httpx.TransportError:
        return False


@contextmanager
def busy(access):
    """The database while no read comes to an end; gives the processes that serve the API's connections."""
    with psycopg.connect(**{**access, "user": "admin"}) as admin:
        admin.execute("SELECT pg_advisory_xact_lock(1)")

        def served():
            admin.execute("SELECT pg_stat_clear_snapshot()")
            return set(admin.execute("SELECT pid FROM pg_stat_activity WHERE usename = 'api'").fetchall())

        yield served


async def _ask(urls):
    limits = httpx.Limits(max_connections=REQUESTS)
    async with httpx.AsyncClient(timeout=120, limits=limits) as client:
        at_once = [client.get(f"{urls[at % len(urls)]}/api/stock/bell") for at in range(REQUESTS)]
        return Counter(answer.status_code for answer in await asyncio.gather(*at_once))


def while_busy(access, urls, check):
    """Ask many requests at once; the check gets `served` of the busy database. The count of each status."""
    with ThreadPoolExecutor(1) as thread:
        with busy(access) as served:
            answers = thread.submit(asyncio.run, _ask(urls))
            until(lambda: check(served()), 60)
        return answers.result()


@pytest.mark.slow
def test_a_connection_for_each_request_fails_beyond_the_limit(database):
    """The trap that the example avoids."""
    refused = []

    def request(_):
        try:
            with psycopg.connect(**database) as connection:
                return connection.execute("SELECT quantity FROM stock").fetchone()[0]
        except psycopg.OperationalError as error:
            refused.append(str(error))
            return None

    with ThreadPoolExecutor(REQUESTS) as pool:
        with busy(database) as served:
            answers = [pool.submit(request, at) for at in range(REQUESTS)]
            until(lambda: len(served()) + len(refused) == REQUESTS, 60)
        kinds = Counter(answer.result() for answer in answers)
    assert kinds == {12: REQUESTS - len(refused), None: len(refused)}
    assert len(refused) > REQUESTS - LIMIT
    assert all("connection slots are reserved" in why or "too many clients" in why for why in refused)


@pytest.mark.slow
def test_many_requests_at_once_wait_for_the_same_connections(database):
    seen = []

    def all_opened(served):
        seen.append(served)
        return len(served) == INSTANCES * CAP

    with instances(database, DATABASE_CONNECTIONS=str(CAP)) as urls:
        assert while_busy(database, urls, all_opened) == {200: REQUESTS}
        first = seen[-1]
        assert while_busy(database, urls, all_opened) == {200: REQUESTS}
    assert seen[-1] == first
    assert max(map(len, seen)) == INSTANCES * CAP


@pytest.mark.slow
def test_without_a_cap_the_same_instances_take_more(database):
    """The cap is what keeps them below the limit: the test above would fail without it."""
    with instances(database, DATABASE_CONNECTIONS="100") as urls:
        while_busy(database, urls, lambda served: len(served) > INSTANCES * CAP)
