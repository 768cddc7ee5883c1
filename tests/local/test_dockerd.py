"""Facts about a Docker Engine that Tandem starts and stops, apart from the machine's own."""

import json
import os
import shutil
import signal
import subprocess
import threading

import docker
import pytest

from pipeline.core.errors import TandemError
from pipeline.local import dockerd
from pipeline.local.dockerd import Daemon, ensure, stop_if_started_here
from pipeline.local.engine_process import is_alive
from tests.support.dockerd import daemon_apart, needs_dockerd
from tests.support.waiting import until


@pytest.fixture
def daemon(monkeypatch):
    with daemon_apart(monkeypatch) as made:
        yield made


@pytest.mark.docker
def test_running_engine_is_used_as_it_is():
    messages = []
    ensure(messages.append)
    assert messages == []


@pytest.mark.docker
@needs_dockerd
def test_engine_is_started_once_however_many_ask_and_stopped_again(daemon):
    messages = []
    threads = [threading.Thread(target=ensure, args=(messages.append, daemon)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert messages == ["starting the Docker Engine"]
    client = docker.DockerClient(base_url=daemon.url)
    assert client.info()["DockerRootDir"].endswith("/data")
    client.close()
    assert stop_if_started_here(messages.append, daemon)
    assert not daemon.record.exists()
    assert not stop_if_started_here(messages.append, daemon), "the second time there is nothing to stop"


@pytest.mark.docker
@needs_dockerd
def test_killed_engine_leaves_nothing_that_stops_the_next(daemon):
    ensure(print, daemon)
    pid = dockerd._started_pid(daemon)
    os.kill(pid, signal.SIGKILL)
    until(lambda: not is_alive(pid, "dockerd"))
    assert daemon.pid_files[0].exists()
    ensure(print, daemon)
    assert dockerd._started_pid(daemon) not in {None, pid}


@pytest.mark.slow
@pytest.mark.parametrize(("seconds", "is_removed"), [("0.3", True), ("30", False)])
def test_the_file_of_a_containerd_goes_when_that_has_ended(tmp_path, monkeypatch, seconds, is_removed):
    """One that has lost its dockerd ends some time later; a new dockerd must not wait for it."""
    monkeypatch.setattr(dockerd, "_ENDING_SECONDS", 1)
    program, file = tmp_path / "containerd", tmp_path / "containerd.pid"
    shutil.copy(shutil.which("sleep"), program)
    with subprocess.Popen([program, seconds]) as process:
        file.write_text(str(process.pid))
        dockerd._remove_stale(file)
        assert file.exists() is not is_removed
        process.kill()


@pytest.mark.docker
@needs_dockerd
def test_engine_that_cannot_start_says_its_last_words(daemon):
    broken = Daemon(daemon.url, daemon.runtime, daemon.notes, (*daemon.options, "--no-such-option"))
    with pytest.raises(TandemError, match=r"dockerd does not start: .*no-such-option"):
        ensure(print, broken)
    assert not daemon.record.exists()


def test_elsewhere_it_is_said_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(TandemError, match="Docker does not answer") as error:
        ensure(print, Daemon(f"unix://{tmp_path}/none.sock", tmp_path, tmp_path))
    assert "docs.docker.com" in error.value.hint


def test_docker_host_that_does_not_answer_is_named(tmp_path, monkeypatch):
    """Tandem must not start another Docker Engine then."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    with pytest.raises(TandemError, match=f"DOCKER_HOST=unix://{tmp_path}/none.sock"):
        ensure(print)


@pytest.mark.slow
def test_zombie_does_not_count_as_alive():
    process = subprocess.Popen(["sleep", "0"])
    until(lambda: not is_alive(process.pid, "sleep"), every=0.02)
    assert process.returncode is None, "not waited for: a zombie"
    process.wait()


def test_another_process_with_the_remembered_pid_is_not_ours(tmp_path):
    daemon = Daemon("unix:///none", tmp_path, tmp_path)
    daemon.record.write_text(json.dumps({"pid": os.getpid(), "began": "1"}))
    assert not stop_if_started_here(print, daemon)
    assert not daemon.record.exists()
