"""A release that wants an approval changes nothing until somebody gives it."""

from dataclasses import replace

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.settings import EnvironmentSettings
from pipeline.core.values import Source
from pipeline.deploy.approve import approve
from pipeline.deploy.hold import hold
from pipeline.deploy.release import release
from pipeline.deploy.rollback import rollback
from pipeline.deploy.store.state import change
from tests.support.pushes import outcomes, push, running
from tests.support.stage_session import StageSession

pytestmark = pytest.mark.slow


@pytest.fixture
def gated(session: StageSession) -> StageSession:
    """Release 1 runs, and from now on releases want an approval."""
    release(session, "first")
    session.played.gates = EnvironmentSettings(approval=True)
    session.played.applied.clear()
    return session


def test_a_release_waits_until_it_is_approved(gated: StageSession) -> None:
    result = push(gated, Source.APP, "2")
    assert (result.release.number, result.is_new, result.waits) == (2, False, True)
    assert (gated.played.applied, running(gated)["app"]) == ([], "1")
    assert outcomes(gated)[2:] == [(2, "waiting")]
    approve(gated, 2, "checked in dev")
    assert running(gated)["app"] == "2"
    assert outcomes(gated)[2:] == [(2, "waiting"), (2, "approved"), (2, "started"), (2, "succeeded")]
    assert gated.store.trail()[-3].reason == "checked in dev"


def test_the_same_heads_again_wait_under_the_same_number(gated: StageSession) -> None:
    push(gated, Source.APP, "2")
    assert release(gated, "again").release.number == 2
    assert outcomes(gated)[2:] == [(2, "waiting")]


def test_a_release_that_later_heads_have_overtaken_cannot_be_approved(gated: StageSession) -> None:
    push(gated, Source.APP, "2")
    assert push(gated, Source.APP, "3").release.number == 3
    with pytest.raises(TandemError, match="release 2 is overtaken: release 3 has later heads"):
        approve(gated, 2, "too late")
    assert gated.played.applied == []
    approve(gated, 3, "checked")
    assert running(gated)["app"] == "3"


@pytest.mark.parametrize("number", [1, 2])
def test_what_does_not_wait_cannot_be_approved(gated: StageSession, number: int) -> None:
    push(gated, Source.APP, "2")
    approve(gated, 2, "checked")
    with pytest.raises(TandemError, match=f"release {number} does not wait for approval: it succeeded at"):
        approve(gated, number, "again")


def test_an_approval_does_not_undo_what_came_between(gated: StageSession) -> None:
    """A rollback, which wants no approval, makes another release current."""
    session = gated
    session.played.gates = EnvironmentSettings()
    push(session, Source.APP, "2")
    session.played.gates = EnvironmentSettings(approval=True)
    push(session, Source.STATIC, "3")
    rollback(session, None, "the page is broken")
    with pytest.raises(TandemError, match="release 3 is overtaken: release 4"):
        approve(session, 3, "checked")
    assert running(session)["app"] == "1"


def test_a_check_that_fails_by_now_stops_it(gated: StageSession) -> None:
    push(gated, Source.APP, "2")
    gated.played.findings.append("an image is gone")
    with pytest.raises(TandemError, match="an image is gone"):
        approve(gated, 2, "checked")
    assert outcomes(gated)[2:] == [(2, "waiting")]


@pytest.mark.parametrize("again", ["approve", "release"])
def test_an_approved_release_that_was_cut_off_is_finished(gated: StageSession, again: str) -> None:
    push(gated, Source.APP, "2")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    gated.played.before_apply = killed
    with pytest.raises(KeyboardInterrupt):
        approve(gated, 2, "checked")
    gated.played.before_apply = lambda *_: None
    if again == "release":
        assert release(gated, "again").is_new
    else:
        gated.store.record(2, gated.store.trail()[-2].outcome)  # killed before "started"
        approve(gated, 2, "again")
    assert (running(gated)["app"], gated.store.numbers()) == ("2", [1, 2])


def test_a_release_that_failed_waits_again_under_another_number(gated: StageSession) -> None:
    push(gated, Source.APP, "2")

    def broken(*_: object) -> None:
        gated.played.before_apply = lambda *_: None
        raise TandemError("the tasks crash")

    gated.played.before_apply = broken
    with pytest.raises(TandemError, match="the tasks crash"):
        approve(gated, 2, "checked")
    result = release(gated, "again")
    assert (result.release.number, result.waits) == (3, True)


def test_a_release_that_waits_does_not_hide_one_that_was_cut_off(gated: StageSession) -> None:
    push(gated, Source.APP, "2")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    gated.played.before_apply = killed
    with pytest.raises(KeyboardInterrupt):
        approve(gated, 2, "checked")
    gated.played.before_apply = lambda *_: None
    push(gated, Source.APP, "3")
    interrupted = gated.store.interrupted()
    assert interrupted is not None
    assert interrupted.release == 2


def test_a_hold_ends_with_the_approved_release_only(gated: StageSession) -> None:
    hold(gated, Source.APP, "a sale")
    push(gated, Source.STATIC, "2")
    approve(gated, 2, "checked")
    assert list(gated.store.state().holds) == [Source.APP]


def test_an_approval_is_for_what_ran_when_it_was_made(gated: StageSession) -> None:
    """No release is newer, but another one is current than the one that it was compared with."""
    gated.played.gates = EnvironmentSettings()
    push(gated, Source.APP, "2")
    gated.played.gates = EnvironmentSettings(approval=True)
    push(gated, Source.STATIC, "3")
    change(gated.store.objects, lambda state: replace(state, current=1))
    with pytest.raises(
        TandemError, match="release 3 was made to replace release 2, but release 1 is current"
    ):
        approve(gated, 3, "checked")
    assert running(gated) == {"app": "1", "static": "1", "api": "1"}


@pytest.mark.parametrize("number", [0, 3, 99, -1])
def test_a_number_of_no_release_is_refused(gated: StageSession, number: int) -> None:
    push(gated, Source.APP, "2")
    before = outcomes(gated)
    with pytest.raises(TandemError, match=f"{number}") as refused:
        approve(gated, number, "checked")
    assert refused.value.hint
    assert outcomes(gated) == before
