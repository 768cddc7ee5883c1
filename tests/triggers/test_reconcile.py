"""What waits is released once, in order; what was lost, doubled or killed does no harm."""

import os
import signal
import threading
import time

import pytest

from pipeline.core.fault_points import QUEUE, SIDES
from pipeline.core.values import Source
from pipeline.deploy.manifest import Release, Weights
from pipeline.triggers.queue import Ended, Entry, Queue, new_trigger
from pipeline.triggers.reconcile import drain, handle, reconcile, release_all
from tests.e2e.test_queue import AFTER_ITS_RELEASE, BEFORE_ITS_RELEASE
from tests.support.pushes import running
from tests.support.queued_pushes import ended_of, ends, queue_push
from tests.support.stage_session import StageSession


def test_pushes_that_wait_become_one_release_of_the_last_heads(session: StageSession, queue: Queue) -> None:
    for source, digit in ((Source.APP, "2"), (Source.STATIC, "3"), (Source.APP, "4")):
        queue_push(session, queue, source, digit)
    result = drain(session, queue)
    assert (session.store.numbers(), running(session)) == ([1], {"app": "4", "static": "3", "api": "1"})
    assert sorted(ends(queue)) == [("merged", 1), ("released", 1), ("released", 1)]
    assert result.release.why == (
        "push to app 1111111111..2222222222, push to static 1111111111..3333333333, "
        "push to app 2222222222..4444444444"
    )
    assert [trigger.after[0] for trigger in session.store.get(1).triggers] == ["2", "3", "4"]


def test_a_push_during_a_release_goes_with_the_next_one(session: StageSession, queue: Queue) -> None:
    first = queue_push(session, queue, Source.APP, "2")
    during: list[Entry] = []

    def more(release: Release, _: Weights) -> None:
        if release.number == 1 and not during:
            during.extend(queue_push(session, queue, Source.STATIC, digit) for digit in "345")

    session.played.before_apply = more
    assert ended_of(session, queue, first).release == 1
    assert [outcome for outcome, _ in ends(queue)] == ["released", "waits", "waits", "waits"]
    assert ended_of(session, queue, during[0]).outcome == "merged"
    assert session.store.numbers() == [1, 2]
    assert [end for end, _ in ends(queue)] == ["released", "merged", "merged", "released"]
    assert running(session)["static"] == "5"


def test_a_push_that_the_release_before_had_read_already_is_merged_into_it(
    session: StageSession, queue: Queue
) -> None:
    """It came after the queue was read and before the heads were."""
    first = queue_push(session, queue, Source.APP, "2")
    session.played.heads[Source.STATIC] = "3"
    handle(session, queue, first)
    late = queue.add(new_trigger("git hook", Source.STATIC, "1" * 40, "3" * 40))
    assert late is not None
    ended = ended_of(session, queue, late)
    assert (ended.outcome, ended.release, session.store.numbers()) == ("merged", 1, [1])


def test_a_doubled_late_or_wrong_trigger_changes_nothing(session: StageSession, queue: Queue) -> None:
    handle(session, queue, queue_push(session, queue, Source.APP, "2"))
    for commit in ("2", "1", "9", ""):
        entry = queue.add(new_trigger("again", Source.APP, "", commit * 40))
        assert entry is not None
        handle(session, queue, entry)
    assert session.store.numbers() == [1]
    assert [end for end, _ in ends(queue)] == ["released", "merged", "skipped", "skipped", "skipped"]


def test_a_release_by_hand_ends_what_waits(session: StageSession, queue: Queue) -> None:
    """Such as `tandem up`, after pushes that came while the stack was down."""
    queue_push(session, queue, Source.APP, "2")
    assert release_all(session, queue, "tandem up").release.why == "tandem up"
    assert ends(queue) == [("released", 1)]


def test_a_lost_push_is_caught(session: StageSession, queue: Queue) -> None:
    reconcile(session, queue)
    session.played.heads[Source.STATIC] = "2"
    result = reconcile(session, queue)
    assert result is not None
    assert (result.release.number, running(session)["static"]) == (2, "2")
    assert str(result.release.triggers[0]).startswith("push to static 1111111111..2222222222 by ")
    assert str(result.release.triggers[0]).endswith("(reconcile)")
    again = reconcile(session, queue)
    assert again is not None
    assert (again.is_new, session.store.numbers()) == (False, [1, 2])


def test_two_processes_take_turns(session: StageSession, queue: Queue) -> None:
    """The second sees that the first has released its push as well, and releases nothing."""
    one, two = (queue_push(session, queue, Source.APP, digit) for digit in "23")
    results: list[Ended] = []
    with queue.turn() as mine:
        assert mine
        waiter = threading.Thread(target=lambda: results.append(ended_of(session, queue, one)))
        waiter.start()
        time.sleep(0.05)
        assert not results
        drain(session, queue)
    waiter.join(10)
    results.append(ended_of(session, queue, two))
    assert [ended.outcome.value for ended in results] == ["merged", "released"]
    assert session.store.numbers() == [1]


KILLED_AT = ("take:after", "take:before", "number:after", "succeed:after", "end:before", "end:after")


@pytest.mark.slow
@pytest.mark.parametrize("fault_at", KILLED_AT)
def test_a_release_killed_anywhere_is_finished_by_the_next_reconcile(
    session: StageSession, queue: Queue, fault_at: str
) -> None:
    for source in (Source.APP, Source.STATIC):
        queue_push(session, queue, source, "2")
    child = os.fork()
    if not child:
        os.environ["FAULT_AT"] = fault_at
        try:
            drain(session, queue)
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    result = reconcile(session, queue)
    assert result is not None
    assert (session.store.numbers(), running(session)) == ([1], {"app": "2", "static": "2", "api": "1"})
    assert "waits" not in dict(ends(queue))
    assert queue.running() == (None, set())


@pytest.mark.slow
@pytest.mark.parametrize("fault_at", [f"enqueue:{side}" for side in SIDES])
def test_a_push_killed_while_it_is_stored_is_released_by_the_next_reconcile(
    session: StageSession, queue: Queue, fault_at: str
) -> None:
    reconcile(session, queue)
    session.played.heads[Source.APP] = "2"
    child = os.fork()
    if not child:
        os.environ["FAULT_AT"] = fault_at
        try:
            queue.add(new_trigger("git hook", Source.APP, "1" * 40, "2" * 40))
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    reconcile(session, queue)
    assert (session.store.numbers(), running(session)["app"]) == ([1, 2], "2")
    assert ("released", 2) in ends(queue)
    assert "waits" not in dict(ends(queue))


def test_every_transition_of_the_queue_is_killed_on_both_sides() -> None:
    """Here and in tests/e2e/test_queue.py, with real pushes."""
    here = {*KILLED_AT, *(f"enqueue:{side}" for side in SIDES)}
    points = {f"{name}:{side}" for name in QUEUE for side in SIDES}
    assert points <= here
    assert {*BEFORE_ITS_RELEASE, *AFTER_ITS_RELEASE} == points
