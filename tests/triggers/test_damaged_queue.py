"""Damaged and foreign files in the queue lose no trigger and stop no list."""

import os

import pytest

from pipeline.core.errors import TandemError
from pipeline.triggers.queue import Queue, TriggerOutcome, ended_now
from tests.triggers.queued import add, queue, states

__all__ = ["queue"]  # a fixture


def test_a_damaged_trigger_still_says_that_something_moved(queue: Queue) -> None:
    for name, text in {"torn": "{", "list": "[]", "empty": "", "other": '{"source": "shop"}'}.items():
        add(queue, name=name)
        (queue.folder / "triggers" / f"{name}.json").write_text(text)
    assert {entry.trigger.title for entry in queue.waiting()} == {"a damaged trigger"}
    queue.end(queue.waiting()[0], ended_now(TriggerOutcome.SKIPPED))
    assert len(queue.waiting()) == 3


def test_a_damaged_end_is_an_end(queue: Queue) -> None:
    add(queue, name="x")
    queue.end(queue.waiting()[0], ended_now(TriggerOutcome.RELEASED, release=1))
    (queue.folder / "ended" / "x.json").write_text('{"outcome": "lost"}')
    assert states(queue) == ["failed"]


FOREIGN = {
    "deep": "[" * 100_000,
    "numbers": '{"way": 1, "by": 2, "at": 3, "source": null}',
    "half": '{"way": "\\ud800", "by": "b", "at": "c", "source": null}',
    "binary": "\x00",
}


def test_files_of_others_never_stop_the_queue(queue: Queue) -> None:
    """What is no file is no trigger; a file that nobody can read is one that says that something moved."""
    add(queue, name="ours")
    triggers = queue.folder / "triggers"
    (triggers / "folder.json").mkdir()
    (triggers / "loop.json").symlink_to("loop.json")
    (triggers / "link.json").symlink_to("ours.json")
    os.mkfifo(triggers / "pipe.json")
    (triggers / "notes.txt").write_text("not ours")
    for name, text in FOREIGN.items():
        (triggers / f"{name}.json").write_text(text)
    assert {entry.id for entry in queue.waiting()} == {"ours", *FOREIGN}
    for entry in queue.waiting():
        queue.end(entry, ended_now(TriggerOutcome.SKIPPED))
    assert (queue.waiting(), set(states(queue))) == ([], {"skipped"})


@pytest.mark.parametrize(
    "text",
    [
        '{"outcome": "released", "at": 5}',
        '{"outcome": "released", "at": null}',
        '{"outcome": "released", "at": "a", "release": "x"}',
        '{"outcome": "released", "at": "a", "why": 5}',
        '{"outcome": [], "at": "a"}',
        "[" * 100_000,
        "\x00",
    ],
)
def test_a_damaged_end_stops_no_list(queue: Queue, text: str) -> None:
    for name in ("x", "y"):
        add(queue, name=name)
    for entry in queue.waiting():
        queue.end(entry, ended_now(TriggerOutcome.RELEASED, release=1))
    (queue.folder / "ended" / "x.json").write_text(text)
    assert sorted(states(queue)) == ["failed", "released"]


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "{}", '{"holder": {"who": 1}, "names": []}', '{"holder": 1, "names": [[1]]}']
)
def test_a_damaged_note_of_what_runs_is_none(queue: Queue, text: str) -> None:
    add(queue)
    (queue.folder / "running.json").write_text(text)
    assert states(queue) == ["waits"]


def test_a_folder_that_cannot_be_listed_is_named(queue: Queue) -> None:
    queue.folder.write_text("in the way")
    with pytest.raises(TandemError, match=r"cannot list .*/queue/ended: Not a directory") as caught:
        queue.waiting()
    assert caught.value.hint.startswith("ls -la ")
