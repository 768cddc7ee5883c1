"""The API's traffic moves only to what serves, only under the lock, and only from where it is by then."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.core.errors import TandemError
from pipeline.deploy import api_runtime as switch
from pipeline.deploy.session import Session
from pipeline.deploy.store import Outcome, Store, lock
from pipeline.deploy.store.files import FileObjects
from tests.support.example_releases import make_release

BOTH = {"function_name": "api", "api_service_name": "api"}
MOVED = {"lambda": 0, "fargate": 100}


@dataclass
class At:
    """What a switch needs of a session; plays the roots, and notes what is applied with which shares."""

    store: Store
    shares: dict[str, int] = field(default_factory=lambda: {"lambda": 100, "fargate": 0})
    runs: dict[str, str] = field(default_factory=lambda: dict(BOTH))
    applied: list[Any] = field(default_factory=list)
    looked: Callable[[], None] = lambda: None

    is_local = True
    locked, forget = Session.locked, Session.forget

    @cached_property
    def platform(self) -> dict[str, Any]:
        return {"api_shares": dict(self.shares), "api_split": {"fargate": 100}}

    @property
    def platform_root(self) -> Any:
        return SimpleNamespace(output=lambda: {"api_shares": dict(self.shares)})

    def platform_with(self, shares: dict[str, int] | None) -> Any:
        def apply() -> None:
            self.applied.append(shares)
            self.shares = shares or {"fargate": 100}

        return SimpleNamespace(apply=apply)

    def release_root(self, _: object) -> Any:
        def output() -> dict[str, str]:
            self.looked()
            return self.runs

        return SimpleNamespace(output=output, apply=lambda: self.applied.append("release"))


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Release 1 runs; the API is to move from its function to tasks."""
    monkeypatch.setattr(switch, "_SPREAD", 0)
    found = At(Store(FileObjects(tmp_path), "dev"))
    with lock.held(found.store.objects, "release") as lease:
        found.store.succeed(found.store.add(make_release()).number, lease.token)
    return found


def while_another_works(at: Any, verb: Callable[[Any], None], work: Callable[[], None]) -> None:
    """Run `verb`, which finds the lock taken; meanwhile its holder does `work`."""
    with lock.held(at.store.objects, "another"):
        waiting = threading.Thread(target=verb, args=(at,))
        _ = at.platform  # as it was before the lock was had
        waiting.start()
        time.sleep(0.2)
        assert at.applied == []
        work()
    waiting.join()


def test_what_has_no_traffic_any_more_goes_last(at: Any) -> None:
    switch.settle(at)
    assert at.applied == [MOVED, "release", None]
    switch.settle(at)
    assert len(at.applied) == 3, "nothing where it has moved"


def test_what_another_run_has_settled_is_left(at: Any) -> None:
    while_another_works(at, switch.settle, lambda: at.shares.clear() or at.shares.update(fargate=100))
    assert at.applied == []


def test_traffic_stays_where_another_run_has_gone_back_in_between(at: Any) -> None:
    del at.runs["api_service_name"]
    with pytest.raises(TandemError, match="stays where it is: the API does not run on fargate; another run"):
        switch.settle(at)
    assert at.applied == []


def test_traffic_stays_where_a_release_was_left_unfinished(at: Any) -> None:
    at.store.record(2, Outcome.STARTED)
    with pytest.raises(TandemError, match="a release was left unfinished"):
        switch.settle(at)
    assert at.applied == []


def test_who_has_lost_the_lock_moves_nothing(at: Any) -> None:
    at.looked = lambda: lock.release(at.store.objects, at.store.state().token)
    with pytest.raises(TandemError, match="the lock was taken by another run"):
        switch.settle(at)
    assert at.applied == []


def test_the_platform_is_made_with_the_traffic_where_it_is_by_then(at: Any) -> None:
    while_another_works(at, switch.make_platform, lambda: at.shares.update(MOVED))
    assert at.applied == [MOVED]
