"""The example API as an ASGI application of this process."""

import asyncio
import importlib
import sys
from contextlib import contextmanager

import httpx
import pytest

from pipeline.core.paths import ROOT
from pipeline.deploy.store import Store

_MODULES = ("application", "catalogue", "console", "main")


def _forget():
    for name in [name for name in sys.modules if name.partition(".")[0] in _MODULES]:
        del sys.modules[name]


@contextmanager
def _example():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "examples" / "api")
        _forget()
        yield importlib.import_module
        _forget()


@pytest.fixture(scope="session")
def example():
    """Imports one of the example's modules by name."""
    with _example() as import_module:
        yield import_module


@pytest.fixture
def store(tmp_path):
    """The releases that the API reads."""
    return Store.in_folder(tmp_path, "prod")


@pytest.fixture
def application(example, monkeypatch, tmp_path):
    """The application; its releases are in a folder."""
    monkeypatch.setenv("TANDEM_RELEASES", str(tmp_path))
    monkeypatch.setenv("TANDEM_RECORDS", str(tmp_path / "records.sqlite"))
    _forget_connections(example)
    app = example("application").app
    # `main` and `this_machine` may have changed them.
    app.state.streams, app.state.longest_wait, app.state.shows_names = True, 20.0, False
    app.state.limits_answers = False
    return app


def _forget_connections(example):
    for module, name in (
        ("console.objects", "connect"),
        ("console.environments", "others"),
        ("console.serving", "_client"),
        ("console.web", "serving"),
        ("console.web", "store"),
        ("console.records", "connect"),
        ("console.web_builds", "recent"),
        ("console.web_builds", "queue"),
    ):
        getattr(example(module), name).cache_clear()


@pytest.fixture
def reconnect(example):
    """Lets the application read its variables again."""
    return lambda: _forget_connections(example)


class Client:
    """Sends requests to the application without a server."""

    def __init__(self, application):
        self._application = application

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def request(self, method, path, **more):
        return asyncio.run(self._request(method, path, more))

    async def _request(self, method, path, more):
        transport = httpx.ASGITransport(self._application, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
            return await client.request(method, path, **more)


@pytest.fixture
def api(application):
    return Client(application)
