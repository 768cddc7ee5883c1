"""Each push ends with what became of it: released, skipped or failed, and why."""

import pytest

from pipeline.cli.commands.trigger import trigger
from pipeline.core.errors import TandemError
from pipeline.core.settings import EnvironmentSettings
from pipeline.core.values import Source
from pipeline.deploy.hold import hold
from pipeline.deploy.manifest import Release, Weights
from pipeline.triggers.queue import Queue
from pipeline.triggers.reconcile import drain, handle, reconcile, release_all
from tests.support.pushes import running
from tests.support.queued_pushes import ended_of, ends, queue_push
from tests.support.stage_session import StageSession


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


def test_ids_that_are_none_are_no_part_of_a_push(
    session: StageSession, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before a branch's first push git, GitHub and GitLab name zeros; a status must go to no such commit."""
    monkeypatch.setattr("pipeline.cli.commands.trigger.open_session", lambda *_: session)
    monkeypatch.setattr("pipeline.cli.commands.trigger.open_project", lambda _: session.project)
    trigger(Source.APP, before="0" * 40, after="0" * 64)
    trigger(Source.APP, before="main", after="--upload-pack=x")
    told = [(entry.trigger.before, entry.trigger.after, entry.trigger.title) for entry in queue.entries(9)]
    assert told == [("", "", "push to app")] * 2


def test_a_commit_that_no_build_reads_is_skipped_and_says_why(session: StageSession, queue: Queue) -> None:
    reconcile(session, queue)
    session.played.same_image["app 2"] = "1"
    ended = ended_of(session, queue, queue_push(session, queue, Source.APP, "2"))
    assert (ended.outcome, session.store.numbers()) == ("skipped", [1])
    assert ended.why == "2222222222 changes nothing that a build reads: release 1 runs already"
    before = len(queue.entries(99))
    reconcile(session, queue)
    assert len(queue.entries(99)) == before, "nothing was lost"


def test_a_push_to_a_source_on_hold_is_skipped_and_says_why(session: StageSession, queue: Queue) -> None:
    reconcile(session, queue)
    hold(session, Source.APP, "a sale")
    ended = ended_of(session, queue, queue_push(session, queue, Source.APP, "2"))
    assert ended.outcome == "skipped"
    assert "(a sale)" in ended.why


def test_a_source_that_does_not_build_fails_its_own_push_only(session: StageSession, queue: Queue) -> None:
    reconcile(session, queue)
    session.played.does_not_build.add("app 2")
    app, static = queue_push(session, queue, Source.APP, "2"), queue_push(session, queue, Source.STATIC, "3")
    assert ended_of(session, queue, static).release == 2
    with pytest.raises(TandemError, match="push to app was not released: 2222222222 is left out") as caught:
        handle(session, queue, app)
    assert caught.value.hint == "fix it and push to app again; the other sources were released"


def test_a_release_that_fails_fails_every_push_in_it(session: StageSession, queue: Queue) -> None:
    entries = [queue_push(session, queue, source, "2") for source in (Source.APP, Source.STATIC)]
    session.played.findings.append("task role does not exist")
    for entry in entries:
        with pytest.raises(TandemError, match="task role does not exist"):
            handle(session, queue, entry)
    assert ends(queue) == [("failed", 0), ("failed", 0)]
    session.played.findings.clear()
    reconcile(session, queue)
    assert running(session)["app"] == "2", "the next run reads the heads again"


def test_an_unexpected_error_leaves_nothing_waiting(
    session: StageSession, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug must not be met again at each push."""
    queue_push(session, queue, Source.APP, "2")
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
        handle(session, queue, queue_push(session, queue, Source.APP, "2"))
    assert reconcile(session, queue) is None
    assert session.store.numbers() == [1, 2]
    assert "release 2 of these heads rolled back: the tasks crash" in capsys.readouterr().err
    handle(session, queue, queue_push(session, queue, Source.APP, "3"))
    assert running(session)["app"] == "3"


def test_a_push_whose_release_wants_an_approval_says_how_to_give_it(
    session: StageSession, queue: Queue, capsys: pytest.CaptureFixture[str]
) -> None:
    reconcile(session, queue)
    session.played.gates = EnvironmentSettings(approval=True)
    ended = ended_of(session, queue, queue_push(session, queue, Source.APP, "2"))
    assert (ended.outcome, ended.release) == ("skipped", 2)
    assert ended.why == "it waits: tandem approve 2 --env local"
    assert reconcile(session, queue) is None, "a schedule does not ask again"
    assert "release 2 of these heads waits: tandem approve 2 --env local" in capsys.readouterr().err
