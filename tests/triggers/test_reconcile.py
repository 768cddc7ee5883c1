"""What waits is released once, in order; what was lost, doubled or killed does no harm."""

import os
import signal
import threading
import time

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.settings import EnvironmentSettings
from pipeline.core.values import Source
from pipeline.deploy.hold import hold
from pipeline.deploy.manifest import Release, Weights
from pipeline.triggers.queue import Ended, Entry, Queue, new_trigger
from pipeline.triggers.reconcile import drain, handle, reconcile, release_all
from tests.support.stage_session import StageSession


@pytest.fixture
def queue(session: StageSession) -> Queue:
    return Queue.of(session.project, session.environment)


def push(session: StageSession, queue: Queue, source: Source, digit: str) -> Entry:
    """Move the head of `source`, and queue the push."""
    before, session.played.heads[source] = session.played.heads[source], digit
    entry = queue.add(new_trigger("git hook", source, before * 40, digit * 40))
    assert entry is not None
    return entry


def ends(queue: Queue) -> list[tuple[str, int]]:
    return [
        (entry.ended.outcome.value, entry.ended.release) if entry.ended else ("waits", 0)
        for entry in queue.entries(99)
    ]


def released(session: StageSession) -> dict[str, str]:
    current = session.store.current()
    assert current is not None
    return {source.value: commit.id[0] for source, commit in current.commits.items()}


def test_pushes_that_wait_become_one_release_of_the_last_heads(session: StageSession, queue: Queue) -> None:
    for source, digit in ((Source.APP, "2"), (Source.STATIC, "3"), (Source.APP, "4")):
        push(session, queue, source, digit)
    result = drain(session, queue)
    assert (session.store.numbers(), released(session)) == ([1], {"app": "4", "static": "3", "api": "1"})
    assert sorted(ends(queue)) == [("merged", 1), ("released", 1), ("released", 1)]
    assert result.release.why == (
        "push to app 1111111111..2222222222, push to static 1111111111..3333333333, "
        "push to app 2222222222..4444444444"
    )
    assert [trigger.after[0] for trigger in session.store.get(1).triggers] == ["2", "3", "4"]


def test_a_push_during_a_release_goes_with_the_next_one(session: StageSession, queue: Queue) -> None:
    first = push(session, queue, Source.APP, "2")
    during: list[Entry] = []

    def more(release: Release, _: Weights) -> None:
        if release.number == 1 and not during:
            during.extend(push(session, queue, Source.STATIC, digit) for digit in "345")

    session.played.before_apply = more
    assert ended_of(session, queue, first).release == 1
    assert [outcome for outcome, _ in ends(queue)] == ["released", "waits", "waits", "waits"]
    assert ended_of(session, queue, during[0]).outcome == "merged"
    assert session.store.numbers() == [1, 2]
    assert [end for end, _ in ends(queue)] == ["released", "merged", "merged", "released"]
    assert released(session)["static"] == "5"


def test_a_push_that_the_release_before_had_read_already_is_merged_into_it(
    session: StageSession, queue: Queue
) -> None:
    """It came after the queue was read and before the heads were."""
    first = push(session, queue, Source.APP, "2")
    session.played.heads[Source.STATIC] = "3"
    handle(session, queue, first)
    late = queue.add(new_trigger("git hook", Source.STATIC, "1" * 40, "3" * 40))
    assert late is not None
    ended = ended_of(session, queue, late)
    assert (ended.outcome, ended.release, session.store.numbers()) == ("merged", 1, [1])


def test_a_doubled_late_or_wrong_trigger_changes_nothing(session: StageSession, queue: Queue) -> None:
    handle(session, queue, push(session, queue, Source.APP, "2"))
    for commit in ("2", "1", "9", ""):
        entry = queue.add(new_trigger("again", Source.APP, "", commit * 40))
        assert entry is not None
        handle(session, queue, entry)
    assert session.store.numbers() == [1]
    assert [end for end, _ in ends(queue)] == ["released", "merged", "skipped", "skipped", "skipped"]


def test_a_release_by_hand_ends_what_waits(session: StageSession, queue: Queue) -> None:
    """Such as `tandem up`, after pushes that came while the stack was down."""
    push(session, queue, Source.APP, "2")
    assert release_all(session, queue, "tandem up").release.why == "tandem up"
    assert ends(queue) == [("released", 1)]


def test_who_waits_longer_than_half_an_hour_is_told(
    session: StageSession, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.triggers.reconcile.WAIT", 0.0)
    queue.folder.mkdir(parents=True)
    with queue.turn():
        for verb in (lambda: reconcile(session, queue), lambda: release_all(session, queue, "tandem up")):
            with pytest.raises(TandemError, match="another release runs"):
                verb()
    assert session.store.numbers() == []


def test_a_lost_push_is_caught(session: StageSession, queue: Queue) -> None:
    reconcile(session, queue)
    session.played.heads[Source.STATIC] = "2"
    result = reconcile(session, queue)
    assert result is not None
    assert (result.release.number, released(session)["static"]) == (2, "2")
    assert str(result.release.triggers[0]).startswith("push to static 1111111111..2222222222 by ")
    assert str(result.release.triggers[0]).endswith("(reconcile)")
    again = reconcile(session, queue)
    assert again is not None
    assert (again.is_new, session.store.numbers()) == (False, [1, 2])


def test_a_commit_that_no_build_reads_is_skipped_and_says_why(session: StageSession, queue: Queue) -> None:
    reconcile(session, queue)
    session.played.same_image["app 2"] = "1"
    ended = ended_of(session, queue, push(session, queue, Source.APP, "2"))
    assert (ended.outcome, session.store.numbers()) == ("skipped", [1])
    assert ended.why == "2222222222 changes nothing that a build reads: release 1 runs already"
    before = len(queue.entries(99))
    reconcile(session, queue)
    assert len(queue.entries(99)) == before, "nothing was lost"


def test_a_push_to_a_source_on_hold_is_skipped_and_says_why(session: StageSession, queue: Queue) -> None:
    reconcile(session, queue)
    hold(session, Source.APP, "a sale")
    ended = ended_of(session, queue, push(session, queue, Source.APP, "2"))
    assert ended.outcome == "skipped"
    assert "(a sale)" in ended.why


def test_a_source_that_does_not_build_fails_its_own_push_only(session: StageSession, queue: Queue) -> None:
    reconcile(session, queue)
    session.played.does_not_build.add("app 2")
    app, static = push(session, queue, Source.APP, "2"), push(session, queue, Source.STATIC, "3")
    assert ended_of(session, queue, static).release == 2
    with pytest.raises(TandemError, match="push to app was not released: 2222222222 is left out") as caught:
        handle(session, queue, app)
    assert caught.value.hint == "fix it and push to app again; the other sources were released"


def test_a_release_that_fails_fails_every_push_in_it(session: StageSession, queue: Queue) -> None:
    entries = [push(session, queue, source, "2") for source in (Source.APP, Source.STATIC)]
    session.played.findings.append("task role does not exist")
    for entry in entries:
        with pytest.raises(TandemError, match="task role does not exist"):
            handle(session, queue, entry)
    assert ends(queue) == [("failed", 0), ("failed", 0)]
    session.played.findings.clear()
    reconcile(session, queue)
    assert released(session)["app"] == "2", "the next run reads the heads again"


def test_an_unexpected_error_leaves_nothing_waiting(
    session: StageSession, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug must not be met again at each push."""
    push(session, queue, Source.APP, "2")
    monkeypatch.setattr(session, "heads", lambda: {}["x"])
    with pytest.raises(KeyError):
        drain(session, queue)
    assert ends(queue) == [("failed", 0)]


def test_a_schedule_does_not_repeat_a_release_that_was_rolled_back(
    session: StageSession, queue: Queue, capsys: pytest.CaptureFixture[str]
) -> None:
    reconcile(session, queue)

    def broken(release: Release, _: Weights) -> None:
        if release.number == 2:
            raise TandemError("the tasks crash")

    session.played.before_apply = broken
    with pytest.raises(TandemError, match="the tasks crash"):
        handle(session, queue, push(session, queue, Source.APP, "2"))
    assert reconcile(session, queue) is None
    assert session.store.numbers() == [1, 2]
    assert "release 2 of these heads rolled back: the tasks crash" in capsys.readouterr().err
    handle(session, queue, push(session, queue, Source.APP, "3"))
    assert released(session)["app"] == "3"


def test_two_processes_take_turns(session: StageSession, queue: Queue) -> None:
    """The second sees that the first has released its push as well, and releases nothing."""
    one, two = (push(session, queue, Source.APP, digit) for digit in "23")
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


KILLED_AT = ("take:before", "number:after", "succeed:after", "end:before", "end:after")


@pytest.mark.parametrize(
    "fault_at", ["take:after", *(pytest.param(at, marks=pytest.mark.slow) for at in KILLED_AT)]
)
def test_a_release_killed_anywhere_is_finished_by_the_next_reconcile(
    session: StageSession, queue: Queue, fault_at: str
) -> None:
    for source in (Source.APP, Source.STATIC):
        push(session, queue, source, "2")
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
    assert (session.store.numbers(), released(session)) == ([1], {"app": "2", "static": "2", "api": "1"})
    assert "waits" not in dict(ends(queue))
    assert queue.running() == (None, set())


def test_a_push_whose_release_wants_an_approval_says_how_to_give_it(
    session: StageSession, queue: Queue, capsys: pytest.CaptureFixture[str]
) -> None:
    reconcile(session, queue)
    session.played.gates = EnvironmentSettings(approval=True)
    ended = ended_of(session, queue, push(session, queue, Source.APP, "2"))
    assert (ended.outcome, ended.release) == ("skipped", 2)
    assert ended.why == "it waits: tandem approve 2 --env local"
    assert reconcile(session, queue) is None, "a schedule does not ask again"
    assert "release 2 of these heads waits: tandem approve 2 --env local" in capsys.readouterr().err


def ended_of(session: StageSession, queue: Queue, entry: Entry) -> Ended:
    ended = handle(session, queue, entry)
    assert ended is not None
    return ended
