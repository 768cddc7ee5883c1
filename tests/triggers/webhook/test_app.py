"""A delivery is stored before it is acknowledged, once; all else leads to one line and nothing more."""

import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest

from pipeline.triggers.queue import TriggerOutcome, ended_now
from pipeline.triggers.webhook.app import LARGEST, Receiver, make_app
from pipeline.triggers.webhook.worker import Worker
from tests.support.started import CONNECTION, PROCESS, watch_starts
from tests.support.waiting import until
from tests.triggers.webhook.served import Webhook
from tests.triggers.webhook.signed import AFTER, SECRET, URLS, delivery, sign


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
    served.queue.end(entry, ended_now(TriggerOutcome.RELEASED, release=1))
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


@pytest.mark.parametrize("service", URLS)
def test_it_answers_without_git_and_network(service, tmp_path):
    """So it answers at once, whatever the network and the repositories do: it writes to the queue first."""
    served = Webhook(tmp_path, URLS[service])
    refused = {"content-type": "application/json"}
    with watch_starts() as started:
        answers = [
            served.post(*delivery(service)),
            served.post(*delivery(service)),
            served.post(refused, b""),
        ]
    assert [answer.status_code for answer in answers] == [202, 200, 400]
    assert (len(served.queue.waiting()), started) == (1, set())


@pytest.mark.slow
def test_what_needs_git_or_the_network_would_be_seen():
    with watch_starts() as started:
        subprocess.run(["true"], check=True)
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", 1))
    assert started == {PROCESS, CONNECTION}


@pytest.mark.slow
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


def test_its_health_says_how_many_wait(served):
    served.post(*delivery("GitHub"))
    assert served.request("GET", "/healthz").json() == {"waiting": 1}


def test_a_queue_that_cannot_be_read_is_an_answer_and_no_error_of_the_server(served):
    served.queue.folder.parent.mkdir(parents=True)
    served.queue.folder.write_text("in the way")
    answer = served.request("GET", "/healthz")
    assert (answer.status_code, answer.json()["why"][:12]) == (503, "cannot list ")
    assert served.post(*delivery("GitHub")).status_code == 503
