"""The example's page as its tests see it: the site on loopback, and what was released and measured."""

import re
import socket
import threading
from contextlib import contextmanager

import uvicorn
from axe_playwright_python.sync_playwright import Axe

from pipeline.core.paths import ROOT
from pipeline.core.timeline import Span
from pipeline.records.run_record import RunRecord

EXAMPLES = ROOT / "examples"
SIZES = {"wide": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}


class Down:
    """Whether the API answers; while it is down, the load balancer's 503 stands in for it."""

    is_down = False
    is_silent = False


class Policy:
    """Sends the content security policy of the example's nginx with every answer."""

    def __init__(self, app):
        self._app = app
        text = (EXAMPLES / "app" / "nginx.conf").read_text()
        self._policy = re.search(r'Content-Security-Policy "([^"]+)"', text)[1].encode()

    async def __call__(self, scope, receive, send):
        async def more(message):
            if message["type"] == "http.response.start":
                message["headers"].append((b"content-security-policy", self._policy))
            await send(message)

        await self._app(scope, receive, more)


@contextmanager
def served(application):
    """The site on loopback: its URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(application, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def violations(page):
    """What axe finds, by rule."""
    response = Axe().run(page).response
    return {each["id"]: [node["target"] for node in each["nodes"]] for each in response["violations"]}


RUN = RunRecord(
    "2026-01-01T00:00:00Z",
    "push to app",
    3,
    14.2,
    7.9,
    failed=False,
    spans=tuple(
        Span(*part)
        for part in (
            *(("heads", 0.2, 0.4), ("build", 0.6, 3.1), ("app", 0.7, 3.0, 1), ("verify", 3.7, 0.5)),
            *(("apply", 4.2, 2.4), ("watch", 6.6, 1.3), ("bake", 7.9, 6.0), ("record", 13.9, 0.2)),
        )
    ),
)
