"""A living holder keeps its lock whatever any clock says; a silent one loses it after it was watched."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.core.errors import TandemError
from pipeline.deploy.store import holder, lock, state
from pipeline.deploy.store.files import FileObjects
from pipeline.deploy.store.holder import Holder, this_process
from pipeline.deploy.store.silence import Observation


@pytest.fixture
def objects(tmp_path: Path) -> FileObjects:
    return FileObjects(tmp_path)


@pytest.fixture
def elsewhere(objects: FileObjects, monkeypatch: pytest.MonkeyPatch) -> lock.Lease:
    """The lock as a run on another machine holds it; that run does not renew it by itself."""
    with monkeypatch.context() as patch:
        patch.setattr("pipeline.deploy.store.holder._machine", lambda: "another machine")
        return lock.acquire(objects, "release")


@pytest.fixture
def sleeper() -> Iterator[int]:
    """A process of this machine that lives."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process.pid
        process.kill()


@pytest.mark.slow
@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("difference", [90, 120, 1e6, -120, -1e9])
def test_a_clock_that_differs_takes_no_lock(
    objects: FileObjects, monkeypatch: pytest.MonkeyPatch, difference: float
) -> None:
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + difference)
    with pytest.raises(TandemError, match="locked by"):
        lock.acquire(objects, "hasty", wait=0.3)


@pytest.mark.slow
def test_a_clock_that_steps_takes_no_lock_from_a_run_of_this_machine(
    objects: FileObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lock.held(objects, "release") as lease:
        real = time.time
        monkeypatch.setattr(time, "time", lambda: real() + 120)
        with pytest.raises(TandemError, match="locked by"):
            lock.acquire(objects, "hasty", wait=0.3)
        lease.check()


def test_a_holder_whose_clock_stands_still_shows_that_it_lives(
    objects: FileObjects, elsewhere: lock.Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1.7e9)
    seen = set()
    for _ in range(3):
        assert elsewhere.renew()
        seen.add(state.read(objects).holder)
    assert len(seen) == 3


def observation(silent_for: list[float], expires_after: float = 60.0) -> Iterator[bool]:
    """Whether an unchanged lock is silent at each of these times of the observer's monotonic clock."""
    now = iter(silent_for)
    watched = Observation(lambda: next(now))
    remote = replace(this_process("release", expires_after), machine="another machine")
    held = state.EnvironmentState(token=1, holder=remote)
    for _ in silent_for:
        yield watched.is_over(held)


def test_a_holder_is_silent_only_after_it_was_watched_for_as_long_as_its_lease() -> None:
    assert list(observation([5.0 + 10 * step for step in range(8)])) == [False] * 7 + [True]


def test_what_was_not_watched_is_no_silence() -> None:
    """A machine that was suspended for an hour has not watched for an hour."""
    assert list(observation([0.0, 0.5, 3600.0, 3600.5])) == [False] * 4


def test_a_renewal_begins_the_watch_again() -> None:
    times = iter(range(0, 1000, 10))
    watched = Observation(lambda: float(next(times)))
    remote = replace(this_process("release", 60.0), machine="another machine")
    for renewals in range(20):
        held = state.EnvironmentState(token=1, holder=replace(remote, renewals=renewals // 6))
        assert not watched.is_over(held)


def of(process: int, **changes: object) -> Holder:
    """`process` of this machine as the holder of the lock."""
    values = {"process": process, "process_began": holder._start_of(process), **changes}
    return replace(this_process("release", 60.0), **values)  # type: ignore[arg-type]


@pytest.mark.slow
def test_a_process_that_lives_is_not_dead_and_one_that_ended_is(sleeper: int) -> None:
    living = of(sleeper)
    assert not living.is_dead
    os.kill(sleeper, 9)
    os.waitid(os.P_PID, sleeper, os.WEXITED | os.WNOWAIT)
    assert living.is_dead, "it is a zombie"


@pytest.mark.slow
def test_a_process_with_the_number_of_an_earlier_one_is_another(sleeper: int) -> None:
    assert of(sleeper, process_began="1").is_dead


def test_a_process_of_another_machine_or_namespace_is_never_dead() -> None:
    assert not of(2**22 - 1, machine="another machine").is_dead
    assert of(2**22 - 1, process_began="1").is_dead


@pytest.mark.slow
@pytest.mark.parametrize(
    "error", [FileNotFoundError(2, "hidden"), PermissionError(1, "hidden"), OSError(5, "broken")]
)
def test_a_hidden_process_is_not_dead(sleeper: int, monkeypatch: pytest.MonkeyPatch, error: OSError) -> None:
    """What hidepid shows: no folder in /proc, or one that cannot be read."""
    living, real = of(sleeper), Path.read_text

    def hiding(file: Path, **arguments: str) -> str:
        if str(file).startswith(f"/proc/{sleeper}"):
            raise error
        return real(file, **arguments)

    monkeypatch.setattr(Path, "read_text", hiding)
    assert not living.is_dead


@pytest.mark.slow
def test_a_proc_of_another_namespace_says_nothing(sleeper: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """There the number belongs to a process that began at another time."""
    other, real = of(sleeper, process_began="1"), Path.readlink
    assert other.is_dead
    monkeypatch.setattr(
        Path, "readlink", lambda file: Path("77777") if str(file) == "/proc/self" else real(file)
    )
    assert not other.is_dead


@pytest.mark.slow
def test_a_start_that_could_not_be_read_is_no_other_start(sleeper: int) -> None:
    assert not of(sleeper, process_began="").is_dead


def test_a_lock_of_an_earlier_version_can_be_read(objects: FileObjects, elsewhere: lock.Lease) -> None:
    file = objects.root / state.KEY
    document = json.loads(file.read_text())
    del document["holder"]["renewals"]
    file.write_text(json.dumps(document))
    assert elsewhere.renew()
    held = state.read(objects)
    assert held.holder is not None
    assert held.holder.renewals == 1
