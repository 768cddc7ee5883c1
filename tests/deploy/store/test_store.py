"""Releases are numbered once, never changed, and `current` only ever names one that succeeded."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.errors import TandemError
from pipeline.deploy.store import Outcome, Store, TrailEntry, lock
from pipeline.deploy.store.files import FileObjects
from pipeline.deploy.store.s3 import S3Objects
from tests.support.aws_access import aws
from tests.support.example_releases import make_release
from tests.support.trail import last_succeeded


@pytest.fixture(params=["files", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "files":
        yield Store(FileObjects(tmp_path), "dev")
        return
    request.getfixturevalue("cloud")
    yield Store(S3Objects(aws(), "releases", "dev/"), "dev")


def test_releases_are_numbered_from_one(store: Store) -> None:
    assert [store.add(make_release(fill)).number for fill in "abc"] == [1, 2, 3]
    assert store.get(2) == make_release("b", number=2, created=store.get(2).created)
    assert store.numbers() == [1, 2, 3]


def test_a_release_that_is_not_there_is_an_error(store: Store) -> None:
    with pytest.raises(TandemError, match="no release 9 in dev"):
        store.get(9)


def test_nothing_is_current_at_first(store: Store) -> None:
    assert store.current() is None
    assert last_succeeded(store) is None
    assert store.trail() == []


def test_success_makes_a_release_current(store: Store) -> None:
    number = store.add(make_release()).number
    with lock.held(store.objects, "release") as lease:
        store.succeed(number, lease.token, "healthy")
    current = store.current()
    assert current is not None
    assert current.number == number
    assert [entry.outcome for entry in store.trail()] == [Outcome.SUCCEEDED]


def test_a_failure_does_not_move_current(store: Store) -> None:
    for fill in "ab":
        store.add(make_release(fill))
    with lock.held(store.objects, "release") as lease:
        store.succeed(1, lease.token)
        store.record(2, Outcome.STARTED)
        store.record(2, Outcome.FAILED, "exit code 1")
    current = store.current()
    assert current is not None
    assert current.number == 1
    assert last_succeeded(store) == 1


def test_who_lost_the_lock_cannot_move_current(store: Store) -> None:
    """A holder that returns after its lock was taken."""
    number = store.add(make_release()).number
    late = lock.acquire(store.objects, "slow release")
    lock.release(store.objects, late.token)
    lock.acquire(store.objects, "quick release")
    with pytest.raises(TandemError, match="lock was lost"):
        store.succeed(number, late.token)
    assert store.current() is None
    assert store.trail() == []


def test_who_loses_the_lock_between_record_and_current_cannot_move_current(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The compare-and-swap itself is fenced: a look beforehand can be too early."""
    number = store.add(make_release()).number
    late = lock.acquire(store.objects, "slow release")
    real = Store.record

    def record(*arguments: Any, **options: Any) -> TrailEntry:
        entry = real(*arguments, **options)
        lock.release(store.objects, late.token)
        lock.acquire(store.objects, "quick release")
        return entry

    monkeypatch.setattr(Store, "record", record)
    with pytest.raises(TandemError, match="lock was lost"):
        store.succeed(number, late.token)
    assert store.current() is None


def test_who_has_released_the_lock_cannot_move_current(store: Store) -> None:
    """Nobody else has taken it yet, but somebody may look at what is current already."""
    number = store.add(make_release()).number
    late = lock.acquire(store.objects, "slow release")
    lock.release(store.objects, late.token)
    with pytest.raises(TandemError, match="it was released; nothing was recorded"):
        store.succeed(number, late.token)
    assert store.current() is None


def test_who_lost_the_lock_cannot_change_what_is_held(store: Store) -> None:
    late = lock.acquire(store.objects, "slow hold")
    lock.release(store.objects, late.token)
    lock.acquire(store.objects, "quick release")
    with pytest.raises(TandemError, match="lock was lost"):
        store.set_holds({}, late.token)


def test_the_last_that_succeeded_is_not_simply_the_one_before(store: Store) -> None:
    for fill in "abc":
        store.add(make_release(fill))
    with lock.held(store.objects, "release") as lease:
        store.succeed(1, lease.token)
        store.record(2, Outcome.FAILED)
        store.succeed(3, lease.token)
    assert last_succeeded(store) == 3
    assert last_succeeded(store, before=3) == 1


def test_a_deployment_that_never_ended_shows(store: Store) -> None:
    store.add(make_release())
    store.record(1, Outcome.STARTED)
    interrupted = store.interrupted()
    assert interrupted is not None
    assert interrupted.release == 1
    store.record(1, Outcome.FAILED, "killed")
    assert store.interrupted() is None


def test_the_trail_can_be_read_from_its_end(store: Store) -> None:
    for number in range(5):
        store.record(number, Outcome.STARTED)
    assert [entry.release for entry in store.trail(last=2)] == [3, 4]


def test_numbers_given_at_once_differ(tmp_path: Path) -> None:
    store = Store(FileObjects(tmp_path), "dev")
    numbers: list[int] = []
    threads = [
        threading.Thread(target=lambda: numbers.append(store.add(make_release()).number)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(1, 9))


def test_damage_is_told_without_a_traceback(tmp_path: Path) -> None:
    store = Store(FileObjects(tmp_path), "dev")
    store.objects.create("state.json", b"{")
    with pytest.raises(TandemError, match="damaged"):
        store.state()
    store.objects.create("trail/00000001.json", json.dumps({"outcome": "?"}).encode())
    with pytest.raises(TandemError, match="damaged"):
        store.trail()
