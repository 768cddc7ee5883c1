"""A head whose own release was rolled back does not block the other sources."""

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.trigger import RECONCILE, Trigger
from pipeline.core.values import Commit, Source
from pipeline.deploy.release import release
from pipeline.deploy.release_result import ReleaseResult
from pipeline.deploy.store import Store
from pipeline.deploy.tried import failed_heads
from pipeline.terraform.failures import LockedError
from pipeline.triggers.queue import Queue
from pipeline.triggers.reconcile import reconcile
from tests.support.example_releases import image
from tests.support.pushes import move_head, outcomes, running, status_lines
from tests.support.stage_session import StageSession

AT = "2026-11-26T12:00:00Z"


def push(session: StageSession, *moved: tuple[Source, str], way: str = "git hook") -> ReleaseResult:
    """Move heads, and release them as their hooks do."""
    for source, digit in moved:
        move_head(session, source, digit)
    triggers = [Trigger(way, "ann", AT, source, after=digit * 40) for source, digit in moved]
    return release(session, "a push", triggers, retries=False)


@pytest.fixture
def broken(session: StageSession) -> StageSession:
    """A session whose app's head 2 builds, but ends when it runs; its release was rolled back."""
    release(session, "first")
    session.stage.breaks.add(str(image("app", "2")))
    with pytest.raises(TandemError, match="runs again"):
        push(session, (Source.APP, "2"))
    assert outcomes(session)[-1] == (2, "rolled back")
    return session


def test_a_push_to_another_source_goes_without_it(broken: StageSession) -> None:
    result = push(broken, (Source.STATIC, "3"))
    assert running(broken) == {"app": "1", "static": "3", "api": "1"}
    why = result.failed[Source.APP]
    assert why.startswith("2222222222 is left out: release 2 with it was rolled back: the rollout of")
    assert why.endswith("push a fix, or try it again: tandem release --env local")
    assert "left out app: 2222222222 is left out: release 2" in status_lines(broken)


@pytest.mark.slow
def test_it_stays_left_out_when_more_is_released(broken: StageSession) -> None:
    push(broken, (Source.STATIC, "3"))
    assert push(broken, (Source.STATIC, "4")).failed.keys() == {Source.APP}
    assert running(broken)["static"] == "4"


def test_nothing_new_beside_it_makes_no_release(broken: StageSession) -> None:
    result = push(broken, (Source.STATIC, "1"))
    assert (result.is_new, result.failed.keys()) == (False, {Source.APP})
    assert broken.store.numbers() == [1, 2]


@pytest.mark.slow
@pytest.mark.parametrize("digit", ["2", "3"], ids=["the same head again", "a fix"])
def test_a_push_to_it_tries_it(broken: StageSession, digit: str) -> None:
    broken.stage.breaks.clear()
    push(broken, (Source.APP, digit))
    assert running(broken)["app"] == digit


def test_an_operator_tries_it_again(broken: StageSession) -> None:
    broken.stage.breaks.clear()
    release(broken, "by hand")
    assert running(broken)["app"] == "2"


@pytest.mark.slow
def test_it_stays_to_blame_after_it_failed_beside_another(broken: StageSession) -> None:
    move_head(broken, Source.STATIC, "3")
    with pytest.raises(TandemError, match="runs again"):
        release(broken, "by hand")
    assert push(broken, (Source.STATIC, "3")).failed.keys() == {Source.APP}
    assert running(broken)["static"] == "3"


@pytest.mark.slow
def test_a_head_that_ran_since_is_not_to_blame(broken: StageSession) -> None:
    broken.stage.breaks.clear()
    push(broken, (Source.APP, "2"))
    push(broken, (Source.APP, "3"))
    assert not push(broken, (Source.APP, "2"), way=RECONCILE).failed
    assert running(broken)["app"] == "2"


def test_of_two_new_heads_none_is_to_blame(session: StageSession) -> None:
    release(session, "first")
    session.stage.breaks.add(str(image("app", "2")))
    with pytest.raises(TandemError, match="runs again"):
        push(session, (Source.APP, "2"), (Source.STATIC, "2"))
    session.stage.breaks.clear()
    assert not push(session, (Source.STATIC, "3")).failed
    assert running(session) == {"app": "2", "static": "3", "api": "1"}


def test_a_locked_state_is_no_fault_of_the_head(session: StageSession) -> None:
    release(session, "first")

    def locked(*_: object) -> None:
        raise LockedError("the state is locked")

    session.played.before_apply = locked
    with pytest.raises(LockedError):
        push(session, (Source.APP, "2"))
    session.played.before_apply = lambda *_: None
    assert not push(session, (Source.STATIC, "3")).failed
    assert running(session)["app"] == "2"


@pytest.mark.slow
def test_a_schedule_releases_the_lost_push_only(broken: StageSession) -> None:
    queue = Queue.of(broken.project, broken.environment)
    assert reconcile(broken, queue) is None
    move_head(broken, Source.STATIC, "3")
    assert reconcile(broken, queue) is not None
    assert running(broken) == {"app": "1", "static": "3", "api": "1"}
    assert [each.source for each in broken.store.get(3).triggers] == [Source.STATIC]
    again = reconcile(broken, queue)
    assert again is None or not again.is_new
    assert broken.store.numbers() == [1, 2, 3]


def test_the_schedules_own_trigger_is_no_push(broken: StageSession) -> None:
    assert push(broken, (Source.APP, "2"), (Source.STATIC, "3"), way=RECONCILE).failed.keys() == {Source.APP}


@pytest.mark.slow
def test_each_release_is_read_once_for_all_heads(
    broken: StageSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    for digit in "345":
        push(broken, (Source.STATIC, digit))
    read, get = [], Store.get
    monkeypatch.setattr(Store, "get", lambda store, number: (read.append(number), get(store, number))[1])
    current = broken.store.current()
    heads = {source: Commit(source, digit * 40, "") for source, digit in zip(Source, "289", strict=True)}

    def read_for(*pushed: Source) -> list[int]:
        read.clear()
        assert failed_heads(broken.store, heads, current, pushed).keys() == {Source.APP} - {*pushed}
        return read

    assert read_for() == [5, 4, 3, 2, 1, 1], "release 1 is also what 2 should have replaced"
    assert read_for(Source.STATIC, Source.API) == [5, 4, 3, 2, 1], "older ones say nothing more of the app"
    assert read_for(*Source) == []
