"""The server as a process: secrets, addresses, a thousand deliveries, kill -9."""

import asyncio
import os
import resource
import signal
import subprocess
import sys
from contextlib import contextmanager

import httpx
import pytest

from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT
from pipeline.triggers.queue import Queue
from pipeline.triggers.webhook.serve import VARIABLE, read_secrets, serve
from tests.support.ports import free_port
from tests.support.waiting import until
from tests.triggers.webhook.signed import SECRET, URLS, delivery, project_with


def test_the_secrets_are_the_lines_of_the_file_or_the_variable(tmp_path, monkeypatch):
    file = tmp_path / "secret"
    file.write_text(f"{'a' * 16}\n\n  {'b' * 16}\n")
    assert read_secrets(file) == [b"a" * 16, b"b" * 16]
    file.write_bytes(b"\xef\xbb\xbf" + b"d" * 16 + b"\r\n")  # as an editor of Windows writes it
    assert read_secrets(file) == [b"d" * 16]
    monkeypatch.setenv(VARIABLE, "c" * 16)
    assert read_secrets(None) == [b"c" * 16]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "has no secret"),
        ("\n \n", "has no secret"),
        ("short", "less than 16"),
        (f"{'a' * 16}\nx", "less than 16"),
    ],
)
def test_an_empty_or_short_secret_is_refused_and_not_shown(tmp_path, monkeypatch, text, why):
    file = tmp_path / "secret"
    file.write_text(text)
    monkeypatch.setenv(VARIABLE, text)
    for where in (file, None):
        with pytest.raises(TandemError, match=why) as caught:
            read_secrets(where)
        assert "brief" not in caught.value.message


def test_a_secret_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(TandemError, match=r"cannot read the secret in .*: No such file"):
        read_secrets(tmp_path / "none")
    (tmp_path / "binary").write_bytes(b"\xff\xfe" * 20)
    with pytest.raises(TandemError, match="it is not UTF-8"):
        read_secrets(tmp_path / "binary")


@pytest.mark.slow
def test_an_unknown_environment_or_a_taken_port_ends_it_at_once(tmp_path):
    project = project_with(tmp_path)
    with pytest.raises(TandemError, match="no environment 'staging'"):
        serve(project, "staging", [SECRET], ("127.0.0.1", 0), 60)
    with pytest.raises(TandemError, match=r"cannot listen on 198\.51\.100\.1:1: ") as caught:
        serve(project, "local", [SECRET], ("198.51.100.1", 1), 60)
    assert caught.value.hint == "choose another --port"


@contextmanager
def serving(folder, port):
    """`tandem serve-webhook` as a process; its reconcile finds no stack, so that everything waits."""
    command = [sys.executable, "-c", "from pipeline.cli.main import main; main()", "serve-webhook"]
    options = ["--env", "local", "--project", str(folder), "--port", str(port)]
    environ = {**os.environ, VARIABLE: SECRET.decode()}
    with (folder / "log").open("ab") as log:
        server = subprocess.Popen([*command, *options], cwd=ROOT, env=environ, stderr=log)
    try:
        until(lambda: _answers(port), seconds=60)
        yield server
    finally:
        server.kill()
        server.wait()


def _answers(port):
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz").is_success
    except httpx.TransportError:
        return False


async def _deliver(port, numbers):
    """Send a delivery for each number, all at once; the numbers that were acknowledged."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
    answers = await asyncio.gather(*(_send(port, number) for number in numbers))
    return {number for number, status in zip(numbers, answers, strict=True) if status == "202"}


async def _send(port, number):
    """The status of the answer to one delivery on a connection of its own; empty if there was none."""
    headers, body = delivery("GitHub", **{"x-github-delivery": str(number)})
    lines = [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"host: 127.0.0.1:{port}", f"content-length: {len(body)}", "connection: close"]
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write("\r\n".join(["POST / HTTP/1.1", *lines, "", ""]).encode() + body)
        answer = await reader.read()
        writer.close()
    except OSError:
        return ""
    return answer[9:12].decode()


def _stored(folder):
    return {file.stem for file in (folder / ".tandem" / "local" / "queue" / "triggers").glob("*.json")}


@pytest.mark.slow
def test_of_a_thousand_deliveries_at_once_none_is_acknowledged_and_lost(tmp_path):
    port, project = free_port(), project_with(tmp_path, app=URLS["GitHub"])
    with serving(tmp_path, port):
        acknowledged = asyncio.run(_deliver(port, range(1000)))
    assert len(acknowledged) == 1000
    assert len(Queue.of(project, "local").waiting()) == 1000


@pytest.mark.slow
def test_what_was_acknowledged_before_kill_9_is_there_after_it(tmp_path):
    port = free_port()
    project_with(tmp_path, app=URLS["GitHub"])
    with serving(tmp_path, port) as server:

        async def killed_meanwhile():
            sent = asyncio.create_task(_deliver(port, range(300)))
            await asyncio.to_thread(until, lambda: len(_stored(tmp_path)) >= 60)
            server.send_signal(signal.SIGKILL)
            return await sent

        acknowledged = asyncio.run(killed_meanwhile())
    assert 0 < len(acknowledged) < 300
    assert len(_stored(tmp_path)) >= len(acknowledged)
    with serving(tmp_path, port):
        again = asyncio.run(_deliver(port, range(300)))
    assert len(_stored(tmp_path)) == 300
    assert not set(again) & set(acknowledged), "each of them was known"


@pytest.mark.slow
def test_a_signal_ends_it_in_order(tmp_path):
    port = free_port()
    project_with(tmp_path)
    with serving(tmp_path, port) as server:
        server.terminate()
        assert server.wait(30) == 0
