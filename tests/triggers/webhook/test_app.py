"""A delivery is stored before it is acknowledged, once; all else leads to one line and nothing more."""

import asyncio
import json
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import ClassVar

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.triggers.queue import Outcome, Queue, ended_now
from pipeline.triggers.webhook import app as webhook
from pipeline.triggers.webhook.app import LARGEST, Receiver, make_app
from pipeline.triggers.webhook.services import RefusedError
from pipeline.triggers.webhook.worker import Worker
from tests.support.waiting import until
from tests.triggers.webhook.signed import AFTER, SECRET, URLS, delivery, project_with, sign


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


@pytest.fixture
def served(tmp_path):
    return Webhook(tmp_path)


@pytest.mark.parametrize("service", URLS)
def test_a_push_is_queued_with_its_commits_and_acknowledged(service, tmp_path, capsys):
    served = Webhook(tmp_path, URLS[service])
    answer = served.post(*delivery(service))
    assert (answer.status_code, answer.json()["result"], served.woken) == (202, "queued", 1)
    (entry,) = served.queue.waiting()
    name = service.removesuffix("Server")
    assert str(entry.trigger) == f"push to app 28e1879d02..bffeb74224 by alice ({name})"
    assert entry.trigger.after == AFTER
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith(f"202  queued: {entry.trigger}")


def test_a_delivery_that_comes_again_is_queued_once_even_after_its_release(served):
    served.post(*delivery("GitHub"))
    again = served.post(*delivery("GitHub"))
    assert (again.status_code, again.json()["result"]) == (200, "known")
    (entry,) = served.queue.waiting()
    served.queue.end(entry, ended_now(Outcome.RELEASED, release=1))
    assert served.post(*delivery("GitHub")).status_code == 200
    assert (served.queue.waiting(), served.woken) == ([], 1)


def test_it_is_stored_before_it_is_acknowledged(served):
    """An answer from a full disk makes the service deliver again."""
    served.queue.folder.mkdir(parents=True)
    (served.queue.folder / "triggers").write_text("in the way")
    answer = served.post(*delivery("GitHub"))
    assert (answer.status_code, answer.json()["result"], served.woken) == (503, "not stored", 0)
    (served.queue.folder / "triggers").unlink()
    assert served.post(*delivery("GitHub")).status_code == 202


SLOW = ("subprocess.Popen", "os.posix_spawn", "os.fork", "os.exec", "socket.connect", "socket.getaddrinfo")
"""What Python itself reports of processes that start and of connections: git and the network need one."""


class Watched:
    """Notes what the process does that may take longer than a write to the disk."""

    def __init__(self):
        self.seen = None
        sys.addaudithook(self._hear)

    def _hear(self, event, _):
        if self.seen is not None and event in SLOW:
            self.seen.append(event)


WATCHED = Watched()


@pytest.mark.parametrize("service", URLS)
def test_it_answers_without_git_and_network(service, tmp_path):
    """So it answers at once, whatever the network and the repositories do: it writes to the queue first."""
    served = Webhook(tmp_path, URLS[service])
    refused = {"content-type": "application/json"}
    WATCHED.seen = []
    try:
        answers = [
            served.post(*delivery(service)),
            served.post(*delivery(service)),
            served.post(refused, b""),
        ]
    finally:
        seen, WATCHED.seen = WATCHED.seen, None
    assert [answer.status_code for answer in answers] == [202, 200, 400]
    assert (len(served.queue.waiting()), seen) == (1, [])


def test_what_needs_git_or_the_network_would_be_seen():
    WATCHED.seen = []
    try:
        subprocess.run(["true"], check=True)
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", 1))
    finally:
        seen, WATCHED.seen = WATCHED.seen, None
    assert {"subprocess.Popen", "socket.connect"} <= set(seen)


def test_it_answers_while_a_release_runs(tmp_path):
    """The release has the queue's turn, and its process runs until the answers are there."""
    served = Webhook(tmp_path)
    done = tmp_path / "done"
    script = f"touch {tmp_path}/began; while [ ! -e {done} ]; do sleep 0.05; done"
    worker = Worker(served.queue, ["sh", "-c", script], 60)
    receiver = Receiver(served.project, served.queue, [SECRET], worker.wake)
    served.app = make_app(receiver, nullcontext())
    served.queue.folder.mkdir(parents=True)
    with worker, served.queue.turn() as mine, ThreadPoolExecutor(2) as pool:
        assert mine
        until((tmp_path / "began").exists)
        try:
            answers = [
                pool.submit(served.post, *delivery("GitHub", **{"x-github-delivery": str(number)})).result(30)
                for number in range(2)
            ]
        finally:
            done.touch()
    assert [answer.status_code for answer in answers] == [202, 202]
    assert len(served.queue.waiting()) == 2


def test_whatever_is_refused_leaves_one_line_nothing_queued_and_no_secret(served, capsys):
    headers, body = delivery("GitHub")
    ping = {**headers, "x-github-event": "ping"}
    gitlab, content = delivery("GitLab")
    requests = [
        (401, {**headers, "x-hub-signature-256": "sha256=0"}, body),
        (401, {**gitlab, "x-gitlab-token": f"{SECRET.decode()}x"}, content),
        (415, {**headers, "content-type": "text/plain"}, body),
        (400, {"content-type": "application/json"}, body),
        (400, *sign("GitHub", headers, b"{")),
        (404, *delivery("GitLab")),
        (413, *sign("GitHub", headers, b"x" * (LARGEST + 1))),
        (200, *sign("GitHub", ping, body)),
        (200, *delivery("GitHub", lambda values: values.update(ref="refs/heads/feature"))),
        (200, *delivery("GitHub", lambda values: values.update(ref="refs/tags/v1"))),
        (200, *delivery("GitHub", lambda values: values.update(after="0" * 40))),
    ]
    for status, sent, content in requests:
        assert served.post(sent, content).status_code == status
        (line,) = capsys.readouterr().err.splitlines()
        assert f"  {status}  {'refused' if status >= 400 else 'ignored'}: " in line
        assert SECRET.decode() not in line
    assert (served.queue.waiting(), served.woken) == ([], 0)


def test_a_body_of_one_megabyte_is_taken_and_one_byte_more_is_not(served):
    def padded(size):
        headers, body = delivery("GitHub")
        return sign("GitHub", headers, body + b" " * (size - len(body)))

    assert served.post(*padded(LARGEST)).status_code == 202
    assert served.post(*padded(LARGEST + 1)).status_code == 413


def test_a_large_body_without_a_length_is_not_read_to_its_end(served):
    headers, _ = delivery("GitHub")
    read = []

    async def endless():
        while len(read) < 100:
            read.append(1)
            yield b"x" * 65536

    assert served.post(headers, endless()).status_code == 413


@pytest.mark.parametrize("length", ["-1", "x", "9" * 5000, "٣"])
def test_a_length_that_is_no_number_is_refused(served, length):
    headers, body = delivery("GitHub")
    encoded = {**headers, "content-length": length.encode()}
    assert served.post(encoded, body).status_code in {202, 400, 413, 408}
    assert len(served.queue.waiting()) <= 1


def test_a_slow_body_is_given_up(monkeypatch):
    class Slow:
        headers: ClassVar[dict[str, str]] = {}

        async def stream(self):
            yield b"x"
            await asyncio.sleep(60)

    monkeypatch.setattr(webhook, "_BODY_SECONDS", 0.01)
    with pytest.raises(RefusedError, match="did not arrive in time") as caught:
        asyncio.run(webhook._body(Slow()))
    assert caught.value.status == 408


def test_other_methods_and_paths_lead_nowhere(served):
    headers, body = delivery("GitHub")
    assert served.request("GET", "/").status_code == 405
    assert served.post(headers, body, "/other").status_code == 404
    assert served.queue.waiting() == []


def test_its_health_says_how_many_wait(served):
    served.post(*delivery("GitHub"))
    assert served.request("GET", "/healthz").json() == {"waiting": 1}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.text(max_size=10), values, max_size=4),
    max_leaves=12,
)
_KEYS = ("ref", "before", "after", "repository", "project", "push", "changes", "pusher", "sender", "actor")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    service=st.sampled_from(sorted(URLS)),
    changed=st.dictionaries(st.sampled_from(_KEYS), _JSON, max_size=4),
    is_signed=st.booleans(),
)
def test_no_body_makes_it_fail(served, service, changed, is_signed):
    """Whatever fields a delivery has, the answer is one that is documented, never an error of the server."""
    headers, body = delivery(service, lambda values: values.update(changed))
    if not is_signed:
        headers = {
            name: value for name, value in headers.items() if "sign" not in name and "token" not in name
        }
    answer = served.post(headers, body)
    assert answer.status_code in ({202, 200, 400, 404} if is_signed else {401})
    assert set(answer.json()) == {"result", "why"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(body=st.binary(max_size=200) | _JSON.map(lambda values: json.dumps(values).encode()))
def test_no_bytes_make_it_fail(served, body):
    headers, _ = delivery("GitHub")
    assert served.post(*sign("GitHub", headers, body)).status_code == 400
