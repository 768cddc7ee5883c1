"""Each run shows where its time went, a failed one too, and keeps that with the environment's releases."""

import time
from dataclasses import replace as replaced
from typing import Any

import pytest

from pipeline.cli import options
from pipeline.core import timeline
from pipeline.core.errors import TandemError
from pipeline.core.timeline import recording
from pipeline.core.values import Source
from pipeline.deploy import session as session_module
from pipeline.deploy.manifest import Release, Weights
from pipeline.deploy.measured import measured
from pipeline.deploy.release import release
from pipeline.deploy.rollback import rollback
from pipeline.deploy.rollout.rollout_phases import RolloutPhases
from pipeline.deploy.store import Store
from pipeline.records.run_record import RunRecord
from tests.support.example_releases import image
from tests.support.pushes import move_head
from tests.support.snapshots import DEPLOYMENT, NEW, OLD, SNAPSHOT, TASK
from tests.support.stage_session import StageSession


def newest(session: StageSession) -> RunRecord:
    return next(session.store.runs())


def names(record: RunRecord) -> list[str]:
    return [span.name for span in record.spans]


def test_a_release_shows_its_steps_and_when_its_content_serves(
    session: StageSession, capsys: pytest.CaptureFixture[str]
) -> None:
    session.played.before_apply = lambda *_: time.sleep(0.06)
    session.began = time.monotonic() - 2
    release(session, "push to app")
    record = newest(session)
    steps = [
        "start",
        "lock",
        "heads",
        "compose",
        "verify",
        "number",
        "started",
        "terraform apply",
        "apply",
    ]
    assert [name for name in names(record) if name in steps] == steps
    assert names(record)[-1] == "succeed"
    assert (record.release, record.why, record.failed) == (1, "push to app", False)
    assert record.new_content is not None
    assert 2 < record.new_content < record.seconds < 60
    shown = capsys.readouterr().err
    assert "terraform apply" in shown
    assert f"new content after {record.new_content:.1f} s, done after " in shown


def test_new_content_is_later_than_the_apply_if_the_api_moves_step_by_step(session: StageSession) -> None:
    release(session, "first")
    move_head(session, Source.API, "2")
    release(session, "push to api")
    record = newest(session)
    applies = [span for span in record.spans if span.name == "apply"]
    last = next(span for span in record.spans if span.name == "all traffic")
    assert record.new_content is not None
    assert record.new_content > last.began > applies[0].began + applies[0].seconds


def test_a_rollback_is_measured_as_well(session: StageSession) -> None:
    release(session, "first")
    move_head(session, Source.APP, "2")
    release(session, "push to app")
    session.began = time.monotonic()
    rollback(session, None, "a test")
    assert (newest(session).release, newest(session).why) == (3, "a test")
    assert names(newest(session))[0] == "start"


def test_a_rollout_that_fails_shows_where_and_what_went_back(
    session: StageSession, capsys: pytest.CaptureFixture[str]
) -> None:
    release(session, "first")
    move_head(session, Source.APP, "2")
    session.stage.breaks.add(str(image("app", "2")))
    with pytest.raises(TandemError):
        release(session, "push to app")
    record = newest(session)
    assert (record.release, record.failed, record.new_content) == (2, True, None)
    assert {span.name for span in record.spans if span.failed} == {"watch"}
    assert "go back" in names(record)
    assert "failed after " in capsys.readouterr().err


def test_a_refused_release_is_kept_without_a_number(session: StageSession) -> None:
    session.played.findings.append("task role does not exist")
    with pytest.raises(TandemError, match="task role"):
        release(session, "push to app")
    assert (newest(session).release, newest(session).failed) == (0, True)


def test_a_run_without_news_is_shown_but_not_kept(
    session: StageSession, capsys: pytest.CaptureFixture[str]
) -> None:
    """A scheduled run every five minutes must not fill the bucket."""
    release(session, "first")
    capsys.readouterr()
    release(session, "again")
    assert [record.why for record in session.store.runs()] == ["first"]
    assert "done after" in capsys.readouterr().err


def test_what_is_put_back_counts_as_a_run_of_its_release(session: StageSession) -> None:
    release(session, "first")
    session.played.outputs = {}
    release(session, "again")
    assert (newest(session).why, newest(session).release) == ("again", 1)


def test_an_interrupt_ends_without_a_waterfall(
    session: StageSession, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_: Release, __: Weights) -> None:
        raise KeyboardInterrupt

    session.played.before_apply = interrupted
    with pytest.raises(KeyboardInterrupt):
        release(session, "first")
    assert "after" not in capsys.readouterr().err
    assert list(session.store.runs()) == []


def test_a_release_does_not_fail_because_its_durations_cannot_be_kept(
    session: StageSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise TandemError("the disk is full")

    monkeypatch.setattr(Store, "add_run", full)
    assert release(session, "first").is_new


def test_the_builds_of_a_run_know_what_caused_it(session: StageSession) -> None:
    release(session, "push to app 0123456789..abcdef0123")
    assert session.played.causes == ["push to app 0123456789..abcdef0123"]
    assert timeline.why() == ""


def test_a_failure_without_the_lock_keeps_nothing(session: StageSession) -> None:
    """Without the lock's token, a run has no key of its own."""
    with pytest.raises(TandemError), measured(session, "a test"):
        raise TandemError("no platform")
    assert list(session.store.runs()) == []


def test_damaged_durations_are_left_out(session: StageSession) -> None:
    release(session, "first")
    assert session.store.objects.create("runs/00000099.json", b'{"spans": 1}')
    assert session.store.objects.create("runs/00000098.json", b"torn")
    assert [record.why for record in session.store.runs()] == ["first"]


def phases(*snapshots: Any, succeeded: bool | None = True) -> tuple[list[str], bool]:
    """The phases that these snapshots end, and whether the new content was seen."""
    with recording() as run:
        watched = RolloutPhases(NEW)
        for snapshot in snapshots:
            watched.add(snapshot)
        if succeeded is not None:
            watched.end(succeeded=succeeded)
    return [span.name for span in run.spans], bool(run.marks)


LEAVING = replaced(DEPLOYMENT, task_definition=OLD, status="ACTIVE", running=2)
AT_FIRST = replaced(SNAPSHOT, deployments=(DEPLOYMENT, LEAVING))
RUNNING = replaced(AT_FIRST, deployments=(replaced(DEPLOYMENT, running=2), LEAVING))
WELL = replaced(TASK, status="RUNNING", health="HEALTHY")
HEALTHY = replaced(RUNNING, tasks=(WELL, WELL))
ONE_LEFT = replaced(RUNNING, deployments=(RUNNING.deployments[0], replaced(LEAVING, running=1)))
ALL = ["tasks start", "tasks healthy", "old tasks leave"]


def test_the_phases_of_a_rollout_end_one_after_the_other() -> None:
    assert phases(AT_FIRST, succeeded=None) == ([], False)
    assert phases(AT_FIRST, RUNNING, succeeded=None) == (ALL[:1], False)
    assert phases(AT_FIRST, RUNNING, HEALTHY, succeeded=None) == (ALL[:2], True)
    assert phases(AT_FIRST, RUNNING, HEALTHY, HEALTHY) == (ALL, True)


def test_old_tasks_that_leave_show_that_the_new_ones_do_well() -> None:
    """Tasks without health checks of containers never say that they are healthy."""
    assert phases(AT_FIRST, RUNNING, ONE_LEFT, succeeded=None) == (ALL[:2], True)


def test_a_rollout_that_is_over_at_the_second_look_has_all_phases() -> None:
    assert phases(AT_FIRST) == (ALL, True)


def test_a_rollout_that_fails_ends_in_the_phase_that_it_reached() -> None:
    assert phases(AT_FIRST, RUNNING, succeeded=False) == (ALL[:2], False)
    assert phases(AT_FIRST, succeeded=False) == (ALL[:1], False)


def test_a_verb_counts_from_the_start_of_its_process_but_only_once(
    session: StageSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "open_session", lambda *_: session)
    monkeypatch.setattr(options, "open_project", lambda _: session.project)
    assert options.open_session(session.project.root, "local") is session
    release(session, "first")
    assert names(newest(session))[0] == "start"
    move_head(session, Source.APP, "2")
    release(session, "second")
    assert "start" not in names(newest(session))
