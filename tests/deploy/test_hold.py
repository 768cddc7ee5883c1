"""What was rolled back stays away, and what does not build is left out; the other sources are released."""

import json
from dataclasses import replace

import pytest

from pipeline.cli.commands.hold import freeze
from pipeline.cli.commands.pin import pin as pin_verb
from pipeline.cli.commands.pin import unpin
from pipeline.cli.commands.trigger import trigger
from pipeline.core.errors import TandemError
from pipeline.core.values import Commit, Source
from pipeline.deploy.hold import hold, pin, resume
from pipeline.deploy.release import release, roll_out
from pipeline.deploy.release_result import ReleaseResult
from pipeline.deploy.rollback import rollback
from pipeline.deploy.status import read_status
from pipeline.deploy.store import Outcome
from pipeline.deploy.store.state import EnvironmentState
from tests.support.aws_access import aws
from tests.support.stage_session import StageSession


def push(session: StageSession, source: Source, digit: str) -> ReleaseResult:
    session.played.heads[source] = digit
    return release(session, f"push to {source}")


def running(session: StageSession) -> dict[str, str]:
    """One digit for the commit of each source that is released."""
    current = session.store.current()
    assert current is not None
    return {source.value: commit.id[0] for source, commit in current.commits.items()}


def status_lines(session: StageSession) -> str:
    status = read_status(aws(), "local", "http://127.0.0.1", session.platform, session.store)
    return "\n".join(status.lines())


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


def test_a_head_that_changes_nothing_stays_away_with_what_was_rolled_back(session: StageSession) -> None:
    push(session, Source.APP, "1")
    push(session, Source.APP, "2")
    session.played.same_image["app 3"] = "2"
    push(session, Source.APP, "3")
    rollback(session, None, "the page is broken")
    push(session, Source.STATIC, "4")
    assert running(session) == {"app": "1", "static": "4", "api": "1"}


def test_a_source_that_does_not_build_does_not_block_the_others(session: StageSession) -> None:
    release(session, "first")
    session.played.does_not_build.add("app 2")
    session.played.heads[Source.APP] = "2"
    result = push(session, Source.STATIC, "3")
    assert running(session) == {"app": "1", "static": "3", "api": "1"}
    assert result.failed == {Source.APP: "2222222222 is left out: cannot build app: the Dockerfile is broken"}
    assert "app 2222222222 is left out" in session.store.trail()[-2].reason
    assert "left out app: 2222222222 is left out: cannot build" in status_lines(session)


def test_who_pushed_what_does_not_build_learns_it_and_the_others_do_not_fail(
    session: StageSession, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("pipeline.cli.commands.trigger.open_session", lambda *_: session)
    monkeypatch.setattr("pipeline.cli.commands.trigger.open_project", lambda _: session.project)
    release(session, "first")
    session.played.does_not_build.add("app 2")
    session.played.heads.update({Source.APP: "2", Source.STATIC: "2"})
    with pytest.raises(TandemError, match="push to app was not released: 2222222222 is left out: cannot"):
        trigger(Source.APP)
    assert running(session)["static"] == "2"
    session.played.heads[Source.STATIC] = "3"
    trigger(Source.STATIC)
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("app: 2222222222 is left out: cannot build app")


def test_if_only_the_broken_source_moved_the_release_is_refused(session: StageSession) -> None:
    release(session, "first")
    session.played.does_not_build |= {"app 2", "api 2"}
    session.played.heads.update({Source.APP: "2", Source.API: "2"})
    with pytest.raises(TandemError, match="cannot build app"):
        release(session, "push to app")
    assert session.store.trail()[-1].outcome is Outcome.REFUSED
    session.played.heads[Source.APP] = "3"
    assert list(release(session, "repaired").failed) == [Source.API]


def test_a_refusal_does_not_hide_a_release_that_was_cut_off(session: StageSession) -> None:
    release(session, "first")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    session.played.before_apply = killed
    with pytest.raises(KeyboardInterrupt):
        push(session, Source.APP, "2")
    session.played.before_apply = lambda *_: None
    session.played.findings.append("a role is gone")
    with pytest.raises(TandemError):
        release(session, "again")
    session.played.findings.clear()
    assert session.store.interrupted() is not None
    assert release(session, "again").release.number == 2


def test_the_first_release_needs_every_source(session: StageSession) -> None:
    session.played.does_not_build.add("api")
    with pytest.raises(TandemError, match="cannot build api"):
        release(session, "first")


def test_a_pinned_commit_is_released_instead_of_the_head(session: StageSession) -> None:
    push(session, Source.APP, "1")
    push(session, Source.STATIC, "2")
    made = pin(session, Commit(Source.STATIC, "1" * 40, "Before"), "the sale is over")
    assert made.describe("local").endswith("(the sale is over) until `tandem resume --env local static`")
    assert push(session, Source.APP, "3").release.commits[Source.STATIC].id == "1" * 40
    push(session, Source.STATIC, "4")
    assert running(session) == {"app": "3", "static": "1", "api": "1"}
    assert resume(session, Source.STATIC, "on again") == [Source.STATIC]
    release(session, "again")
    assert running(session)["static"] == "4"


def test_a_hold_or_pin_ends_at_its_time(session: StageSession, monkeypatch: pytest.MonkeyPatch) -> None:
    push(session, Source.APP, "1")
    hold(session, Source.APP, "a sale", "2099-12-24T18:00+01:00")
    pin(session, Commit(Source.STATIC, "1" * 40, ""), "a sale", "2099-12-24")
    held = push(session, Source.APP, "2").held[Source.APP]
    assert held.endswith("(a sale) until 2099-12-24T17:00:00Z or `tandem resume --env local app`")
    assert running(session)["app"] == "1"
    monkeypatch.setattr("pipeline.deploy.store.holds.now", lambda: "2099-12-24T17:00:00Z")
    release(session, "again")
    assert running(session)["app"] == "2"
    assert Source.APP not in session.store.state().holds


@pytest.mark.parametrize(
    "text", ["tomorrow", "2020-01-01", "2099-13-01", "0001-01-01", "9999-12-31T23:59-23:00"]
)
def test_a_time_that_is_none_or_over_is_refused(session: StageSession, text: str) -> None:
    push(session, Source.APP, "1")
    with pytest.raises(TandemError, match=r"is no time|is over already") as caught:
        hold(session, Source.APP, "a sale", text)
    assert caught.value.hint.startswith("--until ")
    assert session.store.state().holds == {}


@pytest.mark.parametrize("what", ["static", "static=", "shop=1234567", "=", ""])
def test_a_pin_names_a_source_and_a_commit(what: str) -> None:
    with pytest.raises(TandemError, match="names no source and commit"):
        pin_verb(what, "local", "a test")


def test_the_verbs_pin_and_unpin_resolve_the_commit(
    session: StageSession, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for verb in ("pin", "resume", "hold"):
        monkeypatch.setattr(f"pipeline.cli.commands.{verb}.open_session", lambda *_: session)
    monkeypatch.setattr(
        "pipeline.git.sources.resolve", lambda _, source, name: Commit(source, name * 40, "Before")
    )
    push(session, Source.APP, "1")
    pin_verb("static=2", "local", "the sale is over")
    assert session.store.state().holds[Source.STATIC].commit.id == "2" * 40
    unpin(Source.STATIC, "local")
    freeze(Source.API, "local", "a sale")
    assert list(session.store.state().holds) == [Source.API]
    assert "static is held at 2222222222" in capsys.readouterr().out
