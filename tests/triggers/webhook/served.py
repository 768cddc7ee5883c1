"""The webhook's server, in this process."""

import asyncio
from contextlib import nullcontext

import httpx

from pipeline.triggers.queue import Queue
from pipeline.triggers.webhook.app import Receiver, make_app
from tests.triggers.webhook.signed import SECRET, URLS, project_with


class Webhook:
    """The application with a queue of its own; `woken` counts how often its worker would look."""

    def __init__(self, folder, url=URLS["GitHub"]):
        project = project_with(folder, app=url)
        self.project, self.queue, self.woken = project, Queue.of(project, "local"), 0
        receiver = Receiver(project, self.queue, [SECRET], self._wake)
        self.app = make_app(receiver, nullcontext())

    def _wake(self):
        self.woken += 1

    def post(self, headers, body, path="/"):
        return self.request("POST", path, headers=headers, content=body)

    def request(self, *request, **options):
        return asyncio.run(self._request(*request, **options))

    async def _request(self, *request, **options):
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://webhook") as client:
            return await client.request(*request, **options)
