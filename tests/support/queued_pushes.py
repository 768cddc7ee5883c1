"""Pushes that wait in a session's queue, and how they end."""

import pytest

from pipeline.core.values import Source
from pipeline.triggers.queue import Ended, Entry, Queue, new_trigger
from pipeline.triggers.reconcile import handle
from tests.support.stage_session import StageSession


@pytest.fixture
def queue(session: StageSession) -> Queue:
    """The queue of the session's environment."""
    return Queue.of(session.project, session.environment)


def queue_push(session: StageSession, queue: Queue, source: Source, digit: str) -> Entry:
    """Move the head of `source`, and queue the push."""
    before, session.played.heads[source] = session.played.heads[source], digit
    entry = queue.add(new_trigger("git hook", source, before * 40, digit * 40))
    assert entry is not None
    return entry


def ends(queue: Queue) -> list[tuple[str, int]]:
    """The outcome of each queued push with its release; `waits` and 0 for one that did not end."""
    return [
        (entry.ended.outcome.value, entry.ended.release) if entry.ended else ("waits", 0)
        for entry in queue.entries(99)
    ]


def ended_of(session: StageSession, queue: Queue, entry: Entry) -> Ended:
    """Release for this push, and how it ended."""
    ended = handle(session, queue, entry)
    assert ended is not None
    return ended
