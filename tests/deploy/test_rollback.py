"""Back to what worked, as a new release."""

from pathlib import Path

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.platform import AppliedRelease
from pipeline.core.values import Source
from pipeline.deploy.manifest import Release, Weights
from pipeline.deploy.release import release, run_steps
from pipeline.deploy.rollback import (
    already_rolled_back,
    check_target,
    choose_target,
    repeat_release,
    rollback,
)
from pipeline.deploy.rollout import Recovery, Rollout
from pipeline.deploy.store import Outcome, Store, lock
from pipeline.deploy.store.files import FileObjects
from tests.support.aws_access import aws
from tests.support.example_releases import image, make_release
from tests.support.stage import Stage
from tests.support.stage_session import StageSession


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(FileObjects(tmp_path), "dev")


def deployed(store: Store, release: Release, outcome: Outcome) -> int:
    number = store.add(release).number
    with lock.held(store.objects, "release") as lease:
        if outcome is Outcome.SUCCEEDED:
            store.succeed(number, lease.token)
        else:
            store.record(number, outcome)
    return number


def test_it_goes_to_the_last_that_succeeded_and_not_to_the_number_before(store: Store) -> None:
    deployed(store, make_release("a"), Outcome.SUCCEEDED)
    deployed(store, make_release("b"), Outcome.FAILED)
    deployed(store, make_release("c"), Outcome.SUCCEEDED)
    assert choose_target(store).number == 1


def test_a_release_that_never_succeeded_is_refused(store: Store) -> None:
    deployed(store, make_release("a"), Outcome.SUCCEEDED)
    deployed(store, make_release("b"), Outcome.FAILED)
    with pytest.raises(TandemError, match="release 2 never succeeded"):
        choose_target(store, 2)
    with pytest.raises(TandemError, match="nothing to go back to"):
        choose_target(store)


def test_twice_goes_on_backwards(store: Store) -> None:
    for fill in "abc":
        deployed(store, make_release(fill), Outcome.SUCCEEDED)
    first = repeat_release(store, choose_target(store), "rollback")
    assert (first.number, first.restores) == (4, 2)
    with lock.held(store.objects, "rollback") as lease:
        store.succeed(4, lease.token)
    assert choose_target(store).number == 1


def test_what_a_run_did_before_it_was_cut_off_is_not_done_twice(store: Store) -> None:
    for fill in "ab":
        deployed(store, make_release(fill), Outcome.SUCCEEDED)
    with lock.held(store.objects, "rollback") as ended:
        back = repeat_release(store, choose_target(store), "rollback")
        store.record(back.number, Outcome.SUCCEEDED, token=ended.token)
        assert already_rolled_back(store, ended.token) is None, "it does not run yet"
        store.succeed(back.number, ended.token)
    assert already_rolled_back(store, ended.token) == back
    assert already_rolled_back(store, 0) is None, "the run came to its own end"
    assert already_rolled_back(store, ended.token - 1) is None, "another run was cut off"


def test_a_release_that_was_cut_off_is_no_way_back(store: Store) -> None:
    number = deployed(store, make_release("a"), Outcome.SUCCEEDED)
    assert store.trail()[-1].release == number
    assert already_rolled_back(store, store.trail()[-1].token) is None


def test_it_runs_the_same_under_a_new_number(store: Store) -> None:
    deployed(store, make_release("a"), Outcome.SUCCEEDED)
    deployed(store, make_release("b"), Outcome.SUCCEEDED)
    back = repeat_release(store, choose_target(store), "rollback")
    assert (back.number, back.replaces, back.restores) == (3, 2, 1)
    assert back.content() == store.get(1).content()


def recovery(store: Store, stage: Stage, lease: lock.Lease) -> Recovery:
    def run_release(release: Release) -> None:
        def apply(weights: Weights) -> AppliedRelease:
            return stage.apply(release, weights)

        run_steps(Rollout(aws(), stage.platform, release, apply, pause=lambda _: None, every=0))

    return Recovery(store, lease, run_release)


def test_a_failed_rollout_brings_back_what_is_current(store: Store, stage: Stage) -> None:
    good, bad = store.add(make_release("a")), store.add(make_release("b"))
    with lock.held(store.objects, "release") as lease:
        back = recovery(store, stage, lease)
        back.run_release(good)
        store.succeed(good.number, lease.token)
        stage.breaks.add(str(bad.images["app"]))
        with pytest.raises(TandemError, match="rolled back") as caught:
            back.run_release(bad)
        restored = back.run(bad, caught.value.message)
    assert restored == good
    last = store.trail()[-1]
    assert (last.release, last.outcome) == (2, Outcome.ROLLED_BACK)
    assert "release 1 runs again" in last.reason
    assert store.state().current == 1


def test_a_first_release_that_fails_has_nothing_to_go_back_to(store: Store, stage: Stage) -> None:
    bad = store.add(make_release("a"))
    with lock.held(store.objects, "release") as lease:
        assert recovery(store, stage, lease).run(bad, "it crashed") is None
    assert [entry.outcome for entry in store.trail()] == [Outcome.FAILED]


def test_when_going_back_fails_as_well_both_reasons_are_told(store: Store, stage: Stage) -> None:
    good, bad = store.add(make_release("a")), store.add(make_release("b"))
    with lock.held(store.objects, "release") as lease:
        store.succeed(good.number, lease.token)
        stage.apply(bad, Weights())
        stage.breaks.add(str(good.images["app"]))
        with pytest.raises(TandemError, match="so did going back to release 1") as caught:
            recovery(store, stage, lease).run(bad, "it crashed")
    assert caught.value.hint
    assert "it crashed" in store.trail()[-1].reason


def released(session: StageSession, *digits: str) -> None:
    """So many releases, one after the other, each of another app."""
    for digit in digits:
        session.played.heads[Source.APP] = digit
        release(session, "a push")


def test_the_verb_goes_back_as_a_new_release_with_a_short_canary(session: StageSession) -> None:
    released(session, "1", "2")
    session.played.heads[Source.API] = "3"
    release(session, "push to api")
    session.played.applied.clear()
    back = rollback(session, None, "it is slow")
    assert (back.number, back.restores, back.why) == (4, 2, "it is slow")
    assert session.played.applied == [(4, Weights("2", 0)), (4, Weights("2", 10)), (4, Weights())]
    assert session.stage.alias() == ("3", {})
    assert session.store.current() == back


def test_the_verb_refuses_what_lacks_an_image_and_changes_nothing(session: StageSession) -> None:
    released(session, "1", "2")
    session.played.findings.append("image app is not in the registry")
    with pytest.raises(TandemError, match="image app"):
        rollback(session, 1, "a test")
    assert session.store.numbers() == [1, 2]


def test_a_dry_run_checks_the_images_as_well(session: StageSession) -> None:
    released(session, "1", "2")
    session.played.findings.append("image app is not in the registry")
    with pytest.raises(TandemError, match="image app"):
        check_target(session, 1)


def test_a_rollback_that_fails_brings_back_what_ran(session: StageSession) -> None:
    released(session, "1", "2")
    session.stage.breaks.add(str(image("app", "1")))
    with pytest.raises(TandemError, match="release 3 failed"):
        rollback(session, 1, "a test")
    assert session.store.state().current == 2
    assert session.store.trail()[-1].outcome is Outcome.ROLLED_BACK


def test_a_rollback_that_was_cut_off_after_its_success_is_not_repeated(session: StageSession) -> None:
    released(session, "1", "2")
    first = rollback(session, None, "a test")
    lease = lock.acquire(session.store.objects, "rollback")
    session.store.record(first.number, Outcome.SUCCEEDED, token=lease.token)
    lock.release(session.store.objects, lease.token)  # as a killed run leaves it
    assert rollback(session, None, "again") == first
