"""What does not build is left out; the other sources are released."""

import pytest

from pipeline.cli.commands.trigger import trigger
from pipeline.core.errors import TandemError
from pipeline.core.values import Source
from pipeline.deploy.release import release
from pipeline.deploy.store import Outcome
from tests.support.pushes import push, running, status_lines
from tests.support.stage_session import StageSession


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


def test_a_check_that_fails_for_the_older_commit_names_the_head_that_is_left_out(
    session: StageSession,
) -> None:
    """The port was changed together with the app: the older commit has another one."""
    release(session, "first")
    session.played.does_not_build.add("app 2")
    session.played.heads.update({Source.APP: "2", Source.API: "2"})
    session.played.findings.append("the image exposes another port")
    with pytest.raises(TandemError) as caught:
        release(session, "both")
    why = "app: 2222222222 is left out: cannot build app: the Dockerfile is broken"
    assert caught.value.message == (f"the release cannot be applied: the image exposes another port\n  {why}")
    assert session.store.trail()[-1].reason.endswith(why)


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
