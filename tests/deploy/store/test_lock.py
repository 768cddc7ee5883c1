"""One at a time; who holds it is known; who is late is fenced."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT
from pipeline.deploy.store import lock, state
from pipeline.deploy.store.files import FileObjects


@pytest.fixture
def objects(tmp_path: Path) -> FileObjects:
    return FileObjects(tmp_path)


def test_a_second_holder_is_refused_and_told_who_has_it(objects: FileObjects) -> None:
    with lock.held(objects, "release 7"), pytest.raises(TandemError, match="release 7") as caught:
        lock.acquire(objects, "release 8")
    assert str(os.getpid()) in caught.value.message
    assert "--unlock 1" in caught.value.hint


def test_it_is_free_after_use_even_after_an_error(objects: FileObjects) -> None:
    with pytest.raises(ZeroDivisionError), lock.held(objects, "release"):
        raise ZeroDivisionError
    with lock.held(objects, "release") as lease:
        assert lease.token == 2


def test_who_comes_next_learns_that_a_run_was_cut_off(objects: FileObjects) -> None:
    with pytest.raises(KeyboardInterrupt), lock.held(objects, "release"):
        raise KeyboardInterrupt
    with lock.held(objects, "release") as lease:
        assert lease.cut_off == 1
    with lock.held(objects, "release") as lease:
        assert lease.cut_off == 0, "the last one came to its own end"
    lock.release(objects, lease.token)  # nobody holds it
    with lock.held(objects, "release") as lease:
        assert lease.cut_off == 0


@pytest.mark.slow
def test_a_killed_holder_on_this_machine_does_not_block(objects: FileObjects, tmp_path: Path) -> None:
    script = (
        "import os, pathlib; from pipeline.deploy.store import lock;"
        "from pipeline.deploy.store.files import FileObjects;"
        f"lock.acquire(FileObjects(pathlib.Path({str(tmp_path)!r})), 'doomed'); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script], check=False, cwd=ROOT)
    holder = state.read(objects).holder
    assert holder is not None
    assert holder.what == "doomed"
    lease = lock.acquire(objects, "release")
    assert (lease.token, lease.cut_off) == (2, 1)


@pytest.mark.slow
def test_a_silent_holder_elsewhere_expires(objects: FileObjects, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.deploy.store.holder._machine", lambda: "another machine")
    late = lock.acquire(objects, "hung", expires_after=0.2)
    monkeypatch.undo()
    with pytest.raises(TandemError, match="locked by"):
        lock.acquire(objects, "release")
    lease = lock.acquire(objects, "release", wait=5)
    assert lease.token == late.token + 1
    with pytest.raises(TandemError, match="taken by another run"):
        late.check()
    assert not late.renew()


@pytest.mark.slow
def test_a_clock_that_was_set_back_does_not_keep_a_lock_forever(
    objects: FileObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.deploy.store.holder._machine", lambda: "another machine")
    with monkeypatch.context() as future:
        future.setattr(time, "time", lambda: 4e9)
        lock.acquire(objects, "from the future", expires_after=0.2)
    monkeypatch.undo()
    assert lock.acquire(objects, "release", wait=5).token == 2


@pytest.mark.slow
def test_signs_of_life_keep_it(objects: FileObjects) -> None:
    with lock.held(objects, "long", expires_after=0.4) as lease:
        time.sleep(0.9)
        with pytest.raises(TandemError, match="locked by"):
            lock.acquire(objects, "impatient")
        lease.check()


def test_a_stale_lock_can_be_cleared_by_its_token_only(objects: FileObjects) -> None:
    lease = lock.acquire(objects, "release")
    lock.release(objects, lease.token - 1)
    assert state.read(objects).holder is not None
    lock.release(objects, lease.token)
    assert state.read(objects).holder is None
    with pytest.raises(TandemError, match="taken by another run"):
        lease.check()


def test_who_lost_the_lock_does_not_renew_it_for_the_next_holder(objects: FileObjects) -> None:
    """The next holder may have died: others must see its silence."""
    late = lock.acquire(objects, "slow release")
    lock.release(objects, late.token)
    lock.acquire(objects, "quick release")
    before = state.read(objects)
    assert not late.renew()
    assert state.read(objects) == before
