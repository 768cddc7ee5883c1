"""The body of a release, from the heads to the record, in its good endings and its bad ones."""

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
from pipeline.deploy.store import Outcome, lock
from pipeline.git.removal import Removal
from pipeline.local.moto import InvokeResponse
from pipeline.terraform.failures import LockedError
from pipeline.terraform.runner import ResourceChange
from tests.support.example_releases import image, make_release
from tests.support.stage_session import StageSession

CRASH = InvokeResponse(b'{"errorType": "ImportError", "errorMessage": "no module main"}', error="Unhandled")


def trail(session: StageSession) -> list[tuple[int, str]]:
    return [(entry.release, entry.outcome.value) for entry in session.store.trail()]


def push(session: StageSession, source: Source, digit: str) -> None:
    session.played.heads[source] = digit


def test_the_first_release_runs_and_is_current(session: StageSession) -> None:
    result = release(session, "a test")
    assert result.is_new
    assert (result.release.number, result.release.why) == (1, "a test")
    assert session.store.current() == result.release
    assert trail(session) == [(1, "started"), (1, "succeeded")]
    assert session.played.applied == [(1, Weights())], "all traffic at once: nothing ran before"
    assert session.store.state().holder is None, "the lock is free again"


def test_the_same_heads_change_nothing(session: StageSession) -> None:
    first = release(session, "first").release
    session.played.applied.clear()
    again = release(session, "again")
    assert (again.release, again.is_new) == (first, False)
    assert session.played.applied == []
    assert trail(session) == [(1, "started"), (1, "succeeded")]


def test_what_runs_no_more_is_put_back_under_its_number(session: StageSession) -> None:
    release(session, "first")
    session.played.outputs = {}
    again = release(session, "again")
    assert (again.release.number, again.is_new) == (1, True)
    assert trail(session)[2:] == [(1, "started"), (1, "succeeded")]


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
    push(session, Source.API, "2")
    result = release(session, "push to api")
    assert session.played.built == ["api"]
    assert result.release.replaces == 1
    assert session.played.applied == [(2, Weights("1", 0)), (2, Weights("1", 10)), (2, Weights())]
    assert session.stage.alias() == ("2", {})


def test_a_commit_that_touches_nothing_a_build_reads_makes_no_release(session: StageSession) -> None:
    """Such as a change of a file outside `path`, or an empty commit."""
    first = release(session, "first").release
    session.played.same_image["app 2"] = "1"
    push(session, Source.APP, "2")
    for _ in range(2):
        result = release(session, "push to app")
        assert (result.is_new, result.release) == (False, first)
        assert result.notes() == [
            "app: 2222222222 changes nothing that a build reads: release 1 runs already"
        ]
    assert trail(session)[2:] == [(0, "skipped")], "once, however often it is asked"
    assert (
        session.store.trail()[-1].reason == "push to app: app 2222222222 changes nothing that a build reads"
    )


def test_the_next_release_has_the_commit_that_changed_nothing(session: StageSession) -> None:
    release(session, "first")
    session.played.same_image["app 2"] = "1"
    push(session, Source.APP, "2")
    release(session, "push to app")
    push(session, Source.STATIC, "3")
    result = release(session, "push to static")
    assert (result.release.number, result.release.commits[Source.APP].short) == (2, "2" * 10)
    assert session.store.state().same == {}


def test_a_release_names_the_pushes_that_caused_it(session: StageSession) -> None:
    triggers = [Trigger("git hook", "alice", "2026-01-31T12:00:00Z", Source.APP, "0" * 40, "1" * 40)]
    made = release(session, "push to app", triggers).release
    assert session.store.get(made.number).triggers == tuple(triggers)
    assert str(made.triggers[0]) == "push to app 0000000000..1111111111 by alice (git hook)"


def test_a_source_that_does_not_build_changes_nothing(session: StageSession) -> None:
    release(session, "first")
    push(session, Source.APP, "2")
    session.played.does_not_build.add("app")
    with pytest.raises(TandemError, match="cannot build app"):
        release(session, "push to app")
    assert (session.store.numbers(), trail(session)[2:]) == ([1], [(0, "refused")])
    assert "push to app: cannot build app" in session.store.trail()[-1].reason
    assert session.store.state().holder is None


def test_a_release_that_fails_its_checks_gets_no_number(session: StageSession) -> None:
    session.played.findings.append("task role does not exist")
    with pytest.raises(TandemError, match="task role"):
        release(session, "first")
    assert (session.store.numbers(), session.played.applied) == ([], [])


def test_tasks_that_fail_bring_back_what_ran(session: StageSession) -> None:
    first = release(session, "first").release
    push(session, Source.APP, "2")
    session.stage.breaks.add(str(image("app", "2")))
    with pytest.raises(
        TandemError, match=r"release 2 failed: the rollout of shop-dev:2 was rolled back.*runs again"
    ):
        release(session, "push to app")
    assert session.store.current() == first
    assert trail(session)[2:] == [(2, "started"), (2, "rolled back")]
    assert session.played.applied[-1] == (1, Weights())


def test_an_api_that_crashes_brings_back_what_ran_and_never_gets_traffic(session: StageSession) -> None:
    release(session, "first")
    push(session, Source.API, "2")
    session.stage.answers[str(image("api", "2"))] = CRASH
    with pytest.raises(TandemError, match="no module main"):
        release(session, "push to api")
    assert [weights for number, weights in session.played.applied if number == 2] == [Weights("1", 0)]
    assert trail(session)[-1] == (2, "rolled back")


def test_a_first_release_that_fails_has_nothing_to_go_back_to(session: StageSession) -> None:
    session.stage.answers[str(image("api", "1"))] = CRASH
    with pytest.raises(TandemError, match="nothing ran before it"):
        release(session, "first")
    assert trail(session) == [(1, "started"), (1, "failed")]
    assert session.store.current() is None


def test_an_error_that_nobody_expected_brings_back_what_ran_as_well(session: StageSession) -> None:
    """A bug, or an answer of AWS that cannot be read, must not leave half a release behind."""
    release(session, "first")
    push(session, Source.APP, "2")

    def broken(release: Release, _: Weights) -> None:
        if release.number == 2:
            raise KeyError("taskDefinitionArn")

    session.played.before_apply = broken
    with pytest.raises(TandemError, match=r"release 2 failed: KeyError: 'taskDefinitionArn'; .*runs again"):
        release(session, "push to app")
    assert trail(session)[-1] == (2, "rolled back")


def test_when_going_back_fails_as_well_both_are_told(session: StageSession) -> None:
    release(session, "first")
    push(session, Source.APP, "2")

    def broken(*_: object) -> None:
        raise TandemError("AWS does not answer", hint="check the network")

    session.played.before_apply = broken
    with pytest.raises(TandemError, match="so did going back to release 1: AWS does not answer") as caught:
        release(session, "push to app")
    assert caught.value.hint == "check the network"
    assert trail(session)[-1] == (2, "failed")


@pytest.mark.parametrize(
    ("was_applied", "outcome"), [(False, "failed"), (True, "started")], ids=["at first", "midway"]
)
def test_a_locked_state_fails_a_release_only_if_nothing_was_applied(
    session: StageSession, *, was_applied: bool, outcome: str
) -> None:
    release(session, "first")
    push(session, Source.APP, "2")

    def locked(release: Release, _: Weights) -> None:
        if was_applied:
            session.played.outputs["release_number"] = release.number
        raise LockedError("the state of terraform/release is locked")

    session.played.before_apply = locked
    with pytest.raises(LockedError):
        release(session, "push to app")
    assert trail(session)[-1] == (2, outcome)


def test_a_release_that_was_cut_off_is_finished_under_its_number(session: StageSession) -> None:
    release(session, "first")
    push(session, Source.APP, "2")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    session.played.before_apply = killed
    with pytest.raises(KeyboardInterrupt):
        release(session, "push to app")
    assert trail(session)[-1] == (2, "started"), "an interrupt is no failure: the next run goes on"
    session.played.before_apply = lambda *_: None
    assert release(session, "again").release.number == 2
    assert trail(session)[-1] == (2, "succeeded")


def test_a_run_that_lost_the_lock_changes_nothing_and_records_nothing(session: StageSession) -> None:
    release(session, "first")
    push(session, Source.APP, "2")

    def taken(*_: object) -> None:
        state = session.store.state()
        lock.release(session.store.objects, state.token)
        lock.acquire(session.store.objects, "another run")

    session.played.before_apply = taken
    with pytest.raises(TandemError, match="lock was"):
        release(session, "push to app")
    assert trail(session)[-1] == (2, "started")
    assert session.store.state().current == 1


def test_a_first_release_that_lost_the_lock_records_nothing_either(session: StageSession) -> None:
    def taken(*_: object) -> None:
        lock.release(session.store.objects, session.store.state().token)
        raise TandemError("Terraform failed")

    session.played.before_apply = taken
    with pytest.raises(TandemError, match="lock was"):
        release(session, "first")
    assert trail(session) == [(1, "started")]


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
    local = settings.local.model_copy(update={"bake_seconds": 30})
    api = ApiSettings(canary=(50, 100), canary_seconds=7)
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
    push(session, Source.STATIC, "2")
    with pytest.raises(TandemError, match="it removes 4,252 of 4,253 files") as caught:
        release(session, "a push")
    assert "tandem release --env local --allow-removal" in caught.value.hint
    push(session, Source.APP, "2")
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
    push(session, Source.STATIC, "2")
    assert release(session, "a push").release.commits[Source.STATIC].id[0] == "2"


def test_a_reason_of_several_lines_ends_before_what_runs_now(session: StageSession) -> None:
    release(session, "first")
    push(session, Source.API, "2")
    log = b"Traceback:\n  no module main\n"
    session.stage.answers[str(image("api", "2"))] = replace(CRASH, log=log)
    with pytest.raises(TandemError) as caught:
        release(session, "a push")
    *_, last_of_log, runs = caught.value.message.splitlines()
    assert (last_of_log, runs.split(" (")[0]) == ("    no module main", "release 1")
    assert session.store.trail()[-1].reason.splitlines()[-1] == "release 1 runs again"
