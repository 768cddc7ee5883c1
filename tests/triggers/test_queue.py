"""The queue on disk: what was acknowledged is never lost, whatever is killed."""

import json
import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.cli.commands.queue import list_triggers
from pipeline.core.values import Source
from pipeline.triggers.queue import Queue, TriggerOutcome, ended_now, new_trigger
from tests.triggers.queued import add, queue, states

__all__ = ["queue"]  # a fixture


def killed(work: Callable[[], object], fault_at: str) -> int:
    """The signal that ends a child process which does `work` with this fault point."""
    child = os.fork()
    if not child:
        os.environ["FAULT_AT"] = fault_at
        try:
            work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_an_empty_queue_has_nothing_and_writes_nothing(queue: Queue) -> None:
    assert (queue.waiting(), queue.entries(20), queue.running()) == ([], [], (None, set()))
    queue.prune()
    assert not queue.folder.exists()


def test_a_trigger_waits_until_it_has_ended(queue: Queue) -> None:
    name = add(queue)
    assert [entry.id for entry in queue.waiting()] == [name]
    queue.end(queue.waiting()[0], ended_now(TriggerOutcome.RELEASED, release=3))
    assert queue.waiting() == []
    (entry,) = queue.entries(20)
    assert entry.ended is not None
    assert (entry.ended.outcome, entry.ended.release, entry.trigger.after) == ("released", 3, "2" * 40)


def test_the_first_end_stays(queue: Queue) -> None:
    add(queue)
    (entry,) = queue.waiting()
    queue.end(entry, ended_now(TriggerOutcome.RELEASED, release=3))
    queue.end(entry, ended_now(TriggerOutcome.SKIPPED))
    assert states(queue) == ["released"]


def test_a_name_that_is_known_is_not_queued_again_even_after_its_end(queue: Queue) -> None:
    add(queue, name="delivery-1")
    assert queue.add(new_trigger("a test", Source.APP), "delivery-1") is None
    queue.end(queue.waiting()[0], ended_now(TriggerOutcome.SKIPPED))
    assert queue.add(new_trigger("a test", Source.APP), "delivery-1") is None
    assert states(queue) == ["skipped"]


def test_a_running_trigger_names_the_process_that_has_taken_it(queue: Queue) -> None:
    add(queue)
    queue.note_running(queue.waiting())
    add(queue, Source.STATIC)
    assert sorted(states(queue)) == ["runs", "waits"]
    (running,) = [row for row in list_triggers(queue, 20) if row["state"] == "runs"]
    assert f"process {os.getpid()}" in running["why"]
    queue.note_idle()
    assert states(queue) == ["waits", "waits"]


@pytest.mark.slow
def test_what_a_killed_process_had_taken_waits_again(queue: Queue) -> None:
    add(queue)
    assert (
        killed(lambda: (queue.note_running(queue.waiting()), os.kill(os.getpid(), signal.SIGKILL)), "") == -9
    )
    assert states(queue) == ["waits"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault_at", "left"), [("enqueue:before", []), ("enqueue:after", ["waits"])], ids=["before", "after"]
)
def test_a_process_killed_while_it_adds_leaves_all_or_nothing(
    queue: Queue, fault_at: str, left: list[str]
) -> None:
    assert killed(lambda: add(queue), fault_at) == -signal.SIGKILL
    assert states(queue) == left


@pytest.mark.slow
@pytest.mark.parametrize(("fault_at", "left"), [("end:before", "waits"), ("end:after", "skipped")])
def test_a_process_killed_while_it_ends_a_trigger_leaves_it_waiting_or_ended(
    queue: Queue, fault_at: str, left: str
) -> None:
    add(queue)
    (entry,) = queue.waiting()
    assert killed(lambda: queue.end(entry, ended_now(TriggerOutcome.SKIPPED)), fault_at) == -signal.SIGKILL
    assert states(queue) == [left]


def test_a_trigger_is_on_the_disk_before_it_is_acknowledged(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its file and the folder that names it are synced; without a sync a power loss would lose it."""
    synced = []
    real = os.fsync
    monkeypatch.setattr(
        os,
        "fsync",
        lambda handle: (synced.append(str(Path(f"/proc/self/fd/{handle}").readlink())), real(handle)),
    )
    add(queue)
    folder = str(queue.folder / "triggers")
    assert folder in synced
    assert any(path.startswith(f"{folder}/.") for path in synced)


@pytest.mark.slow
def test_the_turn_belongs_to_one_process_and_ends_with_it(queue: Queue) -> None:
    queue.folder.mkdir()
    with queue.turn() as first:
        assert first
        with queue.turn(0) as second:
            assert not second
    killed(lambda: (queue.turn().__enter__(), os.kill(os.getpid(), signal.SIGKILL)), "")
    with queue.turn(0) as again:
        assert again


def test_old_ends_are_deleted_and_what_waits_stays(queue: Queue) -> None:
    for name in ("old", "new", "waits"):
        add(queue, name=name)
    for entry in queue.waiting():
        if entry.id != "waits":
            queue.end(entry, ended_now(TriggerOutcome.SKIPPED))
    for file in queue.folder.glob("*/*.json"):
        if file.stem != "new":
            os.utime(file, (1, 1))
    (queue.folder / "triggers" / ".half.json.x.part").write_text("{")
    os.utime(queue.folder / "triggers" / ".half.json.x.part", (1, 1))
    queue.prune()
    assert sorted(file.name for file in queue.folder.rglob("*") if file.is_file()) == [
        "new.json",
        "new.json",
        "waits.json",
    ]


@pytest.mark.slow
def test_a_process_killed_while_it_prunes_brings_no_old_trigger_back(queue: Queue) -> None:
    add(queue, name="old")
    queue.end(queue.waiting()[0], ended_now(TriggerOutcome.SKIPPED))
    for file in queue.folder.glob("*/*.json"):
        os.utime(file, (1, 1))

    remove = Path.unlink

    def die_after_the_first_file(self: Path, *, missing_ok: bool = False) -> None:
        remove(self, missing_ok)
        os.kill(os.getpid(), signal.SIGKILL)

    def prune() -> None:
        Path.unlink = die_after_the_first_file  # type: ignore[method-assign]
        queue.prune()

    assert killed(prune, "") == -signal.SIGKILL
    assert states(queue) == []
    queue.prune()
    assert [file for file in queue.folder.rglob("*.json") if file.is_file()] == []


def test_many_at_once_are_all_kept(queue: Queue) -> None:
    with ThreadPoolExecutor(16) as pool:
        names = list(pool.map(lambda _: add(queue), range(64)))
    assert sorted(names) == sorted(entry.id for entry in queue.waiting())


def test_only_the_owner_can_read_the_queue(queue: Queue) -> None:
    add(queue)
    assert queue.folder.stat().st_mode & 0o777 == 0o700


def test_the_last_ends_and_all_that_wait_are_listed(queue: Queue) -> None:
    for number in range(5):
        add(queue, name=str(number))
    for entry in queue.waiting()[:4]:
        queue.end(entry, ended_now(TriggerOutcome.SKIPPED))
    assert len(list_triggers(queue, 2)) == 3
    assert json.dumps(list_triggers(queue, 0)).count('"waits"') == 1
