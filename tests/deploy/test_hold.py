"""What was rolled back stays away, and what does not build is left out; the other sources are released."""

import json
from dataclasses import replace

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.values import Source
from pipeline.deploy.hold import hold, resume
from pipeline.deploy.release import release, roll_out
from pipeline.deploy.rollback import rollback
from pipeline.deploy.store import Outcome
from pipeline.deploy.store.state import EnvironmentState
from tests.support.pushes import push, running, status_lines
from tests.support.stage_session import StageSession


def test_a_rollback_stays_when_another_source_moves(session: StageSession) -> None:
    push(session, Source.APP, "1")
    push(session, Source.APP, "2")
    rollback(session, None, "the page is broken")
    result = push(session, Source.STATIC, "3")
    assert running(session) == {"app": "1", "static": "3", "api": "1"}
    assert result.held[Source.APP].startswith("2222222222 is left out: held at 1111111111 since ")
    assert (
        "(the page is broken) until its head moves or `tandem resume --env local app`"
        in result.held[Source.APP]
    )
    assert "the page is broken" in session.store.trail()[-2].reason, "history says so"
    assert "held     app: held at 1111111111" in status_lines(session)


def test_the_same_head_again_says_that_it_is_held(session: StageSession) -> None:
    push(session, Source.APP, "1")
    push(session, Source.APP, "2")
    rollback(session, None, "the page is broken")
    result = release(session, "again")
    assert (result.is_new, list(result.held)) == (False, [Source.APP])
    assert running(session)["app"] == "1"


def test_a_head_that_moves_on_ends_the_hold(session: StageSession) -> None:
    push(session, Source.APP, "1")
    push(session, Source.APP, "2")
    rollback(session, None, "the page is broken")
    push(session, Source.APP, "3")
    assert running(session)["app"] == "3"
    assert session.store.state().holds == {}


@pytest.mark.slow
def test_going_back_twice_holds_both_heads_back(session: StageSession) -> None:
    for digit in "1234":
        push(session, Source.APP, digit)
    rollback(session, None, "first")
    rollback(session, None, "second")
    push(session, Source.STATIC, "5")
    assert running(session)["app"] == "2"
    session.played.heads[Source.APP] = "3"
    push(session, Source.STATIC, "6")
    assert running(session)["app"] == "2", "a force push to what was rolled back as well"


@pytest.mark.slow
def test_a_later_rollback_does_not_bring_back_what_was_rolled_back(session: StageSession) -> None:
    push(session, Source.APP, "1")
    push(session, Source.APP, "2")
    rollback(session, None, "the page is broken")
    push(session, Source.STATIC, "3")
    rollback(session, None, "the content, too")
    assert running(session) == {"app": "1", "static": "1", "api": "1"}


def test_forward_again_to_the_head_ends_the_hold(session: StageSession) -> None:
    push(session, Source.APP, "1")
    bad = push(session, Source.APP, "2").release.number
    rollback(session, None, "it seemed broken")
    rollback(session, bad, "it was not")
    assert (running(session)["app"], session.store.state().holds) == ("2", {})


def test_resume_releases_the_head_again(session: StageSession) -> None:
    push(session, Source.APP, "1")
    push(session, Source.APP, "2")
    rollback(session, None, "the page is broken")
    assert resume(session, Source.STATIC, "no") == []
    assert resume(session, None, "the page was right") == [Source.APP]
    release(session, "again")
    assert running(session)["app"] == "2"
    assert Outcome.RESUMED in {entry.outcome for entry in session.store.trail()}


@pytest.mark.slow
def test_what_a_person_holds_stays_whatever_its_head(session: StageSession) -> None:
    push(session, Source.APP, "1")
    hold(session, Source.APP, "a sale until Monday")
    push(session, Source.APP, "2")
    result = push(session, Source.APP, "3")
    assert running(session)["app"] == "1"
    assert "(a sale until Monday) until `tandem resume --env local app`" in result.notes()[0]
    push(session, Source.API, "2")
    rollback(session, None, "the API is slow")
    assert session.store.state().holds[Source.APP].avoid == ()


def test_a_held_commit_that_is_gone_keeps_its_image(session: StageSession) -> None:
    push(session, Source.APP, "1")
    push(session, Source.APP, "2")
    rollback(session, None, "the page is broken")
    session.played.does_not_build.add("app 1")
    push(session, Source.STATIC, "3")
    assert running(session) == {"app": "1", "static": "3", "api": "1"}


def test_nothing_can_be_held_before_the_first_release(session: StageSession) -> None:
    with pytest.raises(TandemError, match="nothing was released"):
        hold(session, Source.APP, "a test")


def test_a_state_of_before_has_no_holds() -> None:
    old = json.dumps({"current": 3, "token": 4, "holder": None, "nonce": "x"}).encode()
    assert EnvironmentState.load(old) == EnvironmentState(3, 4)


def test_a_failed_rollback_holds_nothing(session: StageSession) -> None:
    push(session, Source.APP, "1")
    push(session, Source.APP, "2")

    def fail(*_: object) -> None:
        raise TandemError("AWS refuses")

    session.played.before_apply = fail
    with pytest.raises(TandemError):
        rollback(session, None, "a test")
    assert session.store.state().holds == {}


@pytest.mark.slow
def test_a_rollback_to_what_runs_already_goes_on_to_what_differs(
    session: StageSession, capsys: pytest.CaptureFixture[str]
) -> None:
    """A release with another commit and the same images, as earlier versions made them."""
    push(session, Source.APP, "1")
    second = push(session, Source.APP, "2").release
    with session.locked("a test") as lease:
        commits = {**second.commits, Source.APP: replace(second.commits[Source.APP], id="3" * 40)}
        roll_out(session, session.store.add(replace(second, commits=commits)), lease)
    assert rollback(session, None, "the page is broken").restores == 1
    assert "release 2 runs the same: going back to it changes nothing" in capsys.readouterr().err


@pytest.mark.slow
def test_a_head_that_changes_nothing_stays_away_with_what_was_rolled_back(session: StageSession) -> None:
    push(session, Source.APP, "1")
    push(session, Source.APP, "2")
    session.played.same_image["app 3"] = "2"
    push(session, Source.APP, "3")
    rollback(session, None, "the page is broken")
    push(session, Source.STATIC, "4")
    assert running(session) == {"app": "1", "static": "4", "api": "1"}
