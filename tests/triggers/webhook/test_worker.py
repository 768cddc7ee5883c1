"""Whatever waits is reconciled: at the start, after each delivery, after a failure, and on a schedule."""

import sys
import time

import pytest

from pipeline.core.values import Source
from pipeline.triggers.queue import Queue, new_trigger
from pipeline.triggers.webhook import worker as worker_module
from pipeline.triggers.webhook.worker import Worker, reconcile_command
from tests.support.waiting import until
from tests.triggers.webhook.signed import project_with

pytestmark = pytest.mark.slow


@pytest.fixture
def queue(tmp_path):
    return Queue(tmp_path / "queue")


def worker(queue, script, every=60.0):
    """A worker whose command is this shell script, with the queue's folder as $0."""
    return Worker(queue, ["sh", "-c", script, str(queue.folder)], every)


COUNT = 'mkdir -p "$0"; echo x >>"$0/runs"; '
RELEASE = COUNT + 'mkdir -p "$0/ended"; cp "$0"/triggers/* "$0/ended/" 2>/dev/null; true'


def runs(queue):
    log = queue.folder / "runs"
    return len(log.read_text().split()) if log.exists() else 0


def test_what_waits_at_the_start_and_what_comes_is_released(queue):
    queue.add(new_trigger("a test", Source.APP))
    with worker(queue, RELEASE) as running:
        until(lambda: not queue.waiting())
        until(lambda: runs(queue) == 1)
        queue.add(new_trigger("a test", Source.APP))
        running.wake()
        until(lambda: not queue.waiting())
    assert runs(queue) == 2


def test_what_still_waits_after_a_failure_is_tried_again(queue, monkeypatch, capsys):
    monkeypatch.setattr(worker_module, "_SOONEST", 0.01)
    monkeypatch.setattr(worker_module, "_LATEST", 0.02)
    queue.add(new_trigger("a test", Source.APP))
    with worker(queue, COUNT + "exit 1"):
        until(lambda: runs(queue) >= 3)
    assert "reconcile ended with exit code 1" in capsys.readouterr().err


def test_a_schedule_catches_what_was_never_delivered(queue):
    with worker(queue, COUNT, every=0.01):
        until(lambda: runs(queue) >= 3)


def test_a_run_that_has_begun_finishes_before_the_server_ends(queue):
    with worker(queue, "sleep 0.3; " + RELEASE):
        time.sleep(0.1)
    assert runs(queue) == 1


def test_a_command_that_is_missing_does_not_end_the_worker(queue, capsys):
    with Worker(queue, ["/missing/program"], 0.01):
        time.sleep(0.1)
    assert capsys.readouterr().err.count("could not start") > 1


def test_the_command_names_environment_and_project(tmp_path):
    project = project_with(tmp_path)
    command = reconcile_command(project, "prod")
    assert command[0] == sys.executable
    assert command[-5:] == ["reconcile", "--env", "prod", "--project", str(tmp_path)]


def test_a_queue_that_cannot_be_read_does_not_end_the_worker(queue, monkeypatch, capsys):
    """A thread that ends would leave a server that takes pushes and releases none."""
    monkeypatch.setattr(worker_module, "_SOONEST", 0.01)
    monkeypatch.setattr(worker_module, "_LATEST", 0.02)
    queue.add(new_trigger("a test", Source.APP))
    triggers, away = queue.folder / "triggers", queue.folder / "away"
    triggers.rename(away)
    triggers.write_text("in the way")
    with worker(queue, RELEASE):
        until(lambda: runs(queue) >= 2)
        triggers.unlink()
        away.rename(triggers)
        until(lambda: not queue.waiting())
    assert "the queue cannot be read: cannot list" in capsys.readouterr().err
