"""A commit is pinned instead of the head, and a hold or pin ends at its time."""

import pytest

from pipeline.cli.commands.hold import freeze
from pipeline.cli.commands.pin import pin as pin_verb
from pipeline.cli.commands.pin import unpin
from pipeline.core.errors import TandemError
from pipeline.core.values import Commit, Source
from pipeline.deploy.hold import hold, pin, resume
from pipeline.deploy.release import release
from tests.support.pushes import push, running
from tests.support.stage_session import StageSession

pytestmark = pytest.mark.slow


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
