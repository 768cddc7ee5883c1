"""The body of a release, from the heads to the record, in its good endings."""

from dataclasses import replace
from typing import Any

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.settings import ApiSettings
from pipeline.core.trigger import Trigger
from pipeline.core.values import Source
from pipeline.deploy import selection
from pipeline.deploy.manifest import Release, Weights
from pipeline.deploy.release import release, roll_out
from pipeline.deploy.rollout import Pace
from pipeline.deploy.store import Outcome
from pipeline.git.removal import Removal
from pipeline.terraform.runner import ResourceChange
from tests.support.example_releases import make_release
from tests.support.pushes import move_head, outcomes
from tests.support.stage_session import StageSession


def test_the_first_release_runs_and_is_current(session: StageSession) -> None:
    result = release(session, "a test")
    assert result.is_new
    assert (result.release.number, result.release.why) == (1, "a test")
    assert session.store.current() == result.release
    assert outcomes(session) == [(1, "started"), (1, "succeeded")]
    assert session.played.applied == [(1, Weights())], "all traffic at once: nothing ran before"
    assert session.store.state().holder is None, "the lock is free again"


def test_the_same_heads_change_nothing(session: StageSession) -> None:
    first = release(session, "first").release
    session.played.applied.clear()
    again = release(session, "again")
    assert (again.release, again.is_new) == (first, False)
    assert session.played.applied == []
    assert outcomes(session) == [(1, "started"), (1, "succeeded")]


def test_what_runs_no_more_is_put_back_under_its_number(session: StageSession) -> None:
    release(session, "first")
    session.played.outputs = {}
    again = release(session, "again")
    assert (again.release.number, again.is_new) == (1, True)
    assert outcomes(session)[2:] == [(1, "started"), (1, "succeeded")]


def test_what_terraform_would_have_otherwise_is_applied_again(
    session: StageSession, capsys: pytest.CaptureFixture[str]
) -> None:
    release(session, "first")
    session.played.planned = [ResourceChange("module.service.aws_ecs_service.fixed[0]", "updated in-place")]
    assert release(session, "again").is_new
    assert "differs from Terraform's plan" in capsys.readouterr().err


def test_only_what_moved_is_built_and_the_traffic_moves_step_by_step(session: StageSession) -> None:
    release(session, "first")
    session.played.built.clear()
    session.played.applied.clear()
    move_head(session, Source.API, "2")
    result = release(session, "push to api")
    assert session.played.built == ["api"]
    assert result.release.replaces == 1
    assert session.played.applied == [(2, Weights("1", 0)), (2, Weights("1", 10)), (2, Weights())]
    assert session.stage.alias() == ("2", {})


def test_a_commit_that_touches_nothing_a_build_reads_makes_no_release(session: StageSession) -> None:
    """Such as a change of a file outside `path`, or an empty commit."""
    first = release(session, "first").release
    session.played.same_image["app 2"] = "1"
    move_head(session, Source.APP, "2")
    for _ in range(2):
        result = release(session, "push to app")
        assert (result.is_new, result.release) == (False, first)
        assert result.notes() == [
            "app: 2222222222 changes nothing that a build reads: release 1 runs already"
        ]
    assert outcomes(session)[2:] == [(0, "skipped")], "once, however often it is asked"
    assert (
        session.store.trail()[-1].reason == "push to app: app 2222222222 changes nothing that a build reads"
    )


def test_the_next_release_has_the_commit_that_changed_nothing(session: StageSession) -> None:
    release(session, "first")
    session.played.same_image["app 2"] = "1"
    move_head(session, Source.APP, "2")
    release(session, "push to app")
    move_head(session, Source.STATIC, "3")
    result = release(session, "push to static")
    assert (result.release.number, result.release.commits[Source.APP].short) == (2, "2" * 10)
    assert session.store.state().same == {}


def test_a_release_names_the_pushes_that_caused_it(session: StageSession) -> None:
    triggers = [Trigger("git hook", "alice", "2026-01-31T12:00:00Z", Source.APP, "0" * 40, "1" * 40)]
    made = release(session, "push to app", triggers).release
    assert session.store.get(made.number).triggers == tuple(triggers)
    assert str(made.triggers[0]) == "push to app 0000000000..1111111111 by alice (git hook)"


def paces(session: StageSession, monkeypatch: pytest.MonkeyPatch, new: Release) -> Pace:
    """The pace at which `new` takes effect."""
    used: list[Pace] = []

    def rollout(_release: Release, _check: Any, pace: Pace, **_: Any) -> None:
        used.append(pace)

    monkeypatch.setattr(session, "rollout", rollout)
    monkeypatch.setattr("pipeline.deploy.release.run_steps", lambda _: None)
    with session.locked("a test") as lease:
        roll_out(session, session.store.add(new), lease)
    return used[0]


def test_only_new_tasks_are_watched(session: StageSession, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = session.project.settings
    local = settings.local.model_copy(update={"bake_seconds": 30, "canary_seconds": 7})
    api = ApiSettings(canary=(50, 100))
    session.project = replace(
        session.project, settings=settings.model_copy(update={"api": api, "local": local})
    )
    first = make_release("a")
    assert paces(session, monkeypatch, first) == Pace((50, 100), 7, 0), "nothing to go back to"
    other_api = replace(first, api=make_release("b").api)
    assert paces(session, monkeypatch, other_api) == Pace((50, 100), 7, 0), "the same tasks"
    assert paces(session, monkeypatch, make_release("c")) == Pace((50, 100), 7, 30)
    assert [entry.outcome for entry in session.store.trail()][-1] is Outcome.SUCCEEDED


def test_content_that_loses_most_of_its_files_needs_a_word(
    session: StageSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    release(session, "first")
    monkeypatch.setattr(selection, "removal", lambda *_: Removal(4252, 4253))
    move_head(session, Source.STATIC, "2")
    with pytest.raises(TandemError, match="it removes 4,252 of 4,253 files") as caught:
        release(session, "a push")
    assert "tandem release --env local --allow-removal" in caught.value.hint
    move_head(session, Source.APP, "2")
    result = release(session, "the app goes on")
    assert result.failed.keys() == {Source.STATIC}
    assert {source: commit.id[0] for source, commit in result.release.commits.items()} == {
        Source.APP: "2",
        Source.STATIC: "1",
        Source.API: "1",
    }
    allowed = release(session, "on purpose", may_remove=True).release
    assert allowed.commits[Source.STATIC].id[0] == "2"


def test_a_released_commit_that_is_gone_needs_no_word(
    session: StageSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> Removal:
        raise TandemError("there is no such commit")

    release(session, "first")
    monkeypatch.setattr(selection, "removal", gone)
    move_head(session, Source.STATIC, "2")
    assert release(session, "a push").release.commits[Source.STATIC].id[0] == "2"
