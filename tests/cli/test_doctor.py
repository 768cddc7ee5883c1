"""Doctor names what is wrong, and clears only a lock whose holder is silent."""

import threading
import time

import pytest

from pipeline.cli.commands import doctor
from pipeline.core.errors import TandemError
from pipeline.deploy import doctor as doctor_checks
from pipeline.deploy.store import Outcome, lock
from tests.support.fake_session import FakeSession, run


def test_a_stale_lock_comes_with_the_command_that_clears_it(
    session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.deploy.store.holder._machine", lambda: "another machine")
    lease = lock.acquire(session.store.objects, "release 3", expires_after=-1)
    monkeypatch.undo()
    monkeypatch.setattr("pipeline.deploy.store.holder._machine", lambda: "this machine")
    with pytest.raises(TandemError, match="stale") as caught:
        doctor_checks._lock(session)  # type: ignore[arg-type]
    assert caught.value.hint == f"tandem doctor --env local --unlock {lease.token}"


def lock_elsewhere(session: FakeSession, expires_after: float = 60.0) -> lock.Lease:
    """The lock as a run on another machine holds it; nobody renews it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.deploy.store.holder._machine", lambda: "another machine")
        return lock.acquire(session.store.objects, "release 3", expires_after=expires_after)


@pytest.mark.slow
def test_doctor_watches_a_lock_before_it_says_that_its_holder_is_silent(
    session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the clocks of the two machines the holder is silent; it renews the lock all the same."""
    lease = lock_elsewhere(session, expires_after=2.0)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 90)
    renewing = threading.Timer(0.3, lambda: lease.renew())  # noqa: PLW0108 - its result is not used
    with monkeypatch.context() as patch:
        patch.setattr(lock, "_POLL", 0.05)
        renewing.start()
        assert "which renews it" in doctor_checks._lock(session)  # type: ignore[arg-type]
    renewing.join()


@pytest.mark.slow
def test_doctor_advises_to_unlock_only_what_it_has_seen_silent(
    session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock_elsewhere(session, expires_after=0.5)
    monkeypatch.setattr(doctor_checks, "_GLANCE", 0.0)
    assert "renewed 0 s ago by its clock" in doctor_checks._lock(session)  # type: ignore[arg-type]
    time.sleep(0.6)
    with pytest.raises(TandemError, match="did not renew it while it was watched"):
        doctor_checks._lock(session)  # type: ignore[arg-type]


@pytest.mark.parametrize("is_held", [True, False])
def test_doctor_says_if_no_lock_has_that_token(session: FakeSession, *, is_held: bool) -> None:
    if is_held:
        lock.acquire(session.store.objects, "release 3")
    lock_text = "release 3.* holds it with token 2" if is_held else "the lock is free"
    with pytest.raises(TandemError, match=f"no lock is held with token 999: .*{lock_text}") as caught:
        run(doctor.doctor, "--unlock", "999")
    assert caught.value.hint == "tandem doctor --env local"
    assert (session.store.state().holder is not None) == is_held


def test_doctor_clears_a_lock_by_its_token(session: FakeSession, monkeypatch: pytest.MonkeyPatch) -> None:
    lease = lock.acquire(session.store.objects, "release 3")
    monkeypatch.setattr(doctor_checks, "diagnose_tools", list)
    monkeypatch.setattr(doctor_checks, "diagnose_environment", lambda _: [])
    run(doctor.doctor, "--unlock", str(lease.token))
    assert session.store.state().holder is None


def test_doctor_names_what_was_left_unfinished(session: FakeSession) -> None:
    session.store.record(2, Outcome.STARTED)
    with pytest.raises(TandemError, match=r"release 2 was started .* did not end"):
        doctor_checks._releases(session)  # type: ignore[arg-type]


def test_doctor_knows_a_killed_run_from_a_running_one(
    session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.store.record(2, Outcome.STARTED)
    lock.acquire(session.store.objects, "release 2")
    assert doctor_checks._releases(session).endswith("runs")  # type: ignore[arg-type]
    monkeypatch.setattr("pipeline.deploy.store.holder._start_of", lambda _: "gone")
    with pytest.raises(TandemError, match="did not end"):
        doctor_checks._releases(session)  # type: ignore[arg-type]


def test_doctor_fails_when_a_check_fails(monkeypatch: pytest.MonkeyPatch, session: FakeSession) -> None:
    missing = doctor_checks.Diagnostic(ok=False, what="git", seen="gone", hint="install it")
    monkeypatch.setattr(doctor_checks, "diagnose_tools", lambda: [missing])
    monkeypatch.setattr(doctor_checks, "diagnose_environment", lambda _: [])
    assert "BAD  git: gone\n       hint: install it" in run(doctor.doctor, code=1)
    assert session.store.state().current == 1
