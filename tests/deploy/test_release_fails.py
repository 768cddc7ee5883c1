"""The body of a release in its bad endings: what ran before runs again, and the trail says so."""

from dataclasses import replace

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.values import Source
from pipeline.deploy.manifest import Release, Weights
from pipeline.deploy.release import release
from pipeline.deploy.store import lock
from pipeline.local.moto import InvokeResponse
from pipeline.terraform.failures import LockedError
from tests.support.example_releases import image
from tests.support.pushes import move_head, outcomes
from tests.support.stage_session import StageSession

CRASH = InvokeResponse(b'{"errorType": "ImportError", "errorMessage": "no module main"}', error="Unhandled")


def test_a_source_that_does_not_build_changes_nothing(session: StageSession) -> None:
    release(session, "first")
    move_head(session, Source.APP, "2")
    session.played.does_not_build.add("app")
    with pytest.raises(TandemError, match="cannot build app"):
        release(session, "push to app")
    assert (session.store.numbers(), outcomes(session)[2:]) == ([1], [(0, "refused")])
    assert "push to app: cannot build app" in session.store.trail()[-1].reason
    assert session.store.state().holder is None


def test_a_release_that_fails_its_checks_gets_no_number(session: StageSession) -> None:
    session.played.findings.append("task role does not exist")
    with pytest.raises(TandemError, match="task role"):
        release(session, "first")
    assert (session.store.numbers(), session.played.applied) == ([], [])


def test_tasks_that_fail_bring_back_what_ran(session: StageSession) -> None:
    first = release(session, "first").release
    move_head(session, Source.APP, "2")
    session.stage.breaks.add(str(image("app", "2")))
    with pytest.raises(
        TandemError, match=r"release 2 failed: the rollout of shop-dev:2 was rolled back.*runs again"
    ):
        release(session, "push to app")
    assert session.store.current() == first
    assert outcomes(session)[2:] == [(2, "started"), (2, "rolled back")]
    assert session.played.applied[-1] == (1, Weights())


def test_an_api_that_crashes_brings_back_what_ran_and_never_gets_traffic(session: StageSession) -> None:
    release(session, "first")
    move_head(session, Source.API, "2")
    session.stage.answers[str(image("api", "2"))] = CRASH
    with pytest.raises(TandemError, match="no module main"):
        release(session, "push to api")
    assert [weights for number, weights in session.played.applied if number == 2] == [Weights("1", 0)]
    assert outcomes(session)[-1] == (2, "rolled back")


def test_a_first_release_that_fails_has_nothing_to_go_back_to(session: StageSession) -> None:
    session.stage.answers[str(image("api", "1"))] = CRASH
    with pytest.raises(TandemError, match="nothing ran before it"):
        release(session, "first")
    assert outcomes(session) == [(1, "started"), (1, "failed")]
    assert session.store.current() is None


def test_an_error_that_nobody_expected_brings_back_what_ran_as_well(session: StageSession) -> None:
    """A bug, or an answer of AWS that cannot be read, must not leave half a release behind."""
    release(session, "first")
    move_head(session, Source.APP, "2")

    def broken(release: Release, _: Weights) -> None:
        if release.number == 2:
            raise KeyError("taskDefinitionArn")

    session.played.before_apply = broken
    with pytest.raises(TandemError, match=r"release 2 failed: KeyError: 'taskDefinitionArn'; .*runs again"):
        release(session, "push to app")
    assert outcomes(session)[-1] == (2, "rolled back")


def test_when_going_back_fails_as_well_both_are_told(session: StageSession) -> None:
    release(session, "first")
    move_head(session, Source.APP, "2")

    def broken(*_: object) -> None:
        raise TandemError("AWS does not answer", hint="check the network")

    session.played.before_apply = broken
    with pytest.raises(TandemError, match="so did going back to release 1: AWS does not answer") as caught:
        release(session, "push to app")
    assert caught.value.hint == "check the network"
    assert outcomes(session)[-1] == (2, "failed")


@pytest.mark.parametrize(
    ("was_applied", "outcome"), [(False, "failed"), (True, "started")], ids=["at first", "midway"]
)
def test_a_locked_state_fails_a_release_only_if_nothing_was_applied(
    session: StageSession, *, was_applied: bool, outcome: str
) -> None:
    release(session, "first")
    move_head(session, Source.APP, "2")

    def locked(release: Release, _: Weights) -> None:
        if was_applied:
            session.played.outputs["release_number"] = release.number
        raise LockedError("the state of terraform/release is locked")

    session.played.before_apply = locked
    with pytest.raises(LockedError):
        release(session, "push to app")
    assert outcomes(session)[-1] == (2, outcome)


def test_a_release_that_was_cut_off_is_finished_under_its_number(session: StageSession) -> None:
    release(session, "first")
    move_head(session, Source.APP, "2")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    session.played.before_apply = killed
    with pytest.raises(KeyboardInterrupt):
        release(session, "push to app")
    assert outcomes(session)[-1] == (2, "started"), "an interrupt is no failure: the next run goes on"
    session.played.before_apply = lambda *_: None
    assert release(session, "again").release.number == 2
    assert outcomes(session)[-1] == (2, "succeeded")


def test_a_run_that_lost_the_lock_changes_nothing_and_records_nothing(session: StageSession) -> None:
    release(session, "first")
    move_head(session, Source.APP, "2")

    def taken(*_: object) -> None:
        state = session.store.state()
        lock.release(session.store.objects, state.token)
        lock.acquire(session.store.objects, "another run")

    session.played.before_apply = taken
    with pytest.raises(TandemError, match="lock was"):
        release(session, "push to app")
    assert outcomes(session)[-1] == (2, "started")
    assert session.store.state().current == 1


def test_a_first_release_that_lost_the_lock_records_nothing_either(session: StageSession) -> None:
    def taken(*_: object) -> None:
        lock.release(session.store.objects, session.store.state().token)
        raise TandemError("Terraform failed")

    session.played.before_apply = taken
    with pytest.raises(TandemError, match="lock was"):
        release(session, "first")
    assert outcomes(session) == [(1, "started")]


def test_a_reason_of_several_lines_ends_before_what_runs_now(session: StageSession) -> None:
    release(session, "first")
    move_head(session, Source.API, "2")
    log = b"Traceback:\n  no module main\n"
    session.stage.answers[str(image("api", "2"))] = replace(CRASH, log=log)
    with pytest.raises(TandemError) as caught:
        release(session, "a push")
    *_, last_of_log, runs = caught.value.message.splitlines()
    assert (last_of_log, runs.split(" (")[0]) == ("    no module main", "release 1")
    assert session.store.trail()[-1].reason.splitlines()[-1] == "release 1 runs again"
