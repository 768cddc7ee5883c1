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
from pipeline.core.platform import Platform
from pipeline.deploy import api_runtime
from pipeline.deploy.api_runtime import apply_platform, shift_api_traffic
from pipeline.deploy.session import Session
from pipeline.deploy.store import Outcome, Store, lock
from pipeline.deploy.store.files import FileObjects
from pipeline.terraform.plan_text import ResourceChange, TerraformPlan
from tests.support.example_releases import PLATFORM, make_release

BOTH = {
    "service_name": "site",
    "task_definition_arn": "site:1",
    "function_name": "api",
    "api_service_name": "api",
}
MOVED = {"lambda": 0, "fargate": 100}


def plan_of(*changes: ResourceChange) -> TerraformPlan:
    return TerraformPlan(bool(changes), "", changes)


@dataclass
class PlayedSession:
    """What a switch needs of a session; plays the roots, and notes what is applied with which shares."""

    store: Store
    shares: dict[str, int] = field(default_factory=lambda: {"lambda": 100, "fargate": 0})
    runs: dict[str, str] = field(default_factory=lambda: dict(BOTH))
    changes: list[Any] = field(default_factory=list)
    looked: Callable[[], None] = lambda: None
    planned: tuple[ResourceChange, ...] = ()

    is_local = True
    locked, forget_platform, applied = Session.locked, Session.forget_platform, Session.applied

    @cached_property
    def platform(self) -> Platform:
        return PLATFORM.model_copy(update={"api_shares": dict(self.shares), "api_split": {"fargate": 100}})

    @property
    def platform_root(self) -> Any:
        return SimpleNamespace(output=lambda: {"api_shares": dict(self.shares)})

    def platform_with(self, shares: dict[str, int] | None) -> Any:
        def apply() -> None:
            self.changes.append(shares)
            self.shares = shares or {"fargate": 100}

        return SimpleNamespace(apply=apply, apply_if=lambda accept: (accept(plan_of(*self.planned)), apply()))

    def release_root(self, _: object) -> Any:
        def output() -> dict[str, str]:
            self.looked()
            return self.runs

        return SimpleNamespace(output=output, apply=lambda: self.changes.append("release"))


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Release 1 runs; the API is to move from its function to tasks."""
    monkeypatch.setattr(api_runtime, "_RULE_SPREAD_SECONDS", 0)
    at = PlayedSession(Store(FileObjects(tmp_path), "dev"))
    with lock.held(at.store.objects, "release") as lease:
        at.store.succeed(at.store.add(make_release()).number, lease.token)
    return at


def while_another_works(at: Any, verb: Callable[[Any], None], work: Callable[[], None]) -> None:
    """Run `verb`, which finds the lock taken; meanwhile its holder does `work`."""
    with lock.held(at.store.objects, "another"):
        waiting = threading.Thread(target=verb, args=(at,))
        _ = at.platform  # as it was before the lock was had
        waiting.start()
        time.sleep(0.2)
        assert at.changes == []
        work()
    waiting.join()


def test_what_has_no_traffic_any_more_goes_last(at: Any) -> None:
    shift_api_traffic(at)
    assert at.changes == [MOVED, "release", None]
    shift_api_traffic(at)
    assert len(at.changes) == 3, "nothing where it has moved"


def test_what_another_run_has_settled_is_left(at: Any) -> None:
    while_another_works(at, shift_api_traffic, lambda: at.shares.clear() or at.shares.update(fargate=100))
    assert at.changes == []


def test_traffic_stays_where_another_run_has_gone_back_in_between(at: Any) -> None:
    del at.runs["api_service_name"]
    with pytest.raises(TandemError, match="stays where it is: the API does not run on fargate; another run"):
        shift_api_traffic(at)
    assert at.changes == []


def test_traffic_stays_where_a_release_was_left_unfinished(at: Any) -> None:
    at.store.record(2, Outcome.STARTED)
    with pytest.raises(TandemError, match="a release was left unfinished"):
        shift_api_traffic(at)
    assert at.changes == []


def test_who_has_lost_the_lock_moves_nothing(at: Any) -> None:
    at.looked = lambda: lock.release(at.store.objects, at.store.state().token)
    with pytest.raises(TandemError, match="the lock was taken by another run"):
        shift_api_traffic(at)
    assert at.changes == []


def test_the_platform_is_made_with_the_traffic_where_it_is_by_then(at: Any) -> None:
    while_another_works(at, apply_platform, lambda: at.shares.update(MOVED))
    assert at.changes == [MOVED]


def test_a_platform_that_would_lose_data_is_applied_only_if_allowed(at: Any) -> None:
    lost = ResourceChange("module.records.aws_dynamodb_table.this", "replaced")
    at.planned = (lost,)
    with pytest.raises(TandemError, match="its records would be lost"):
        apply_platform(at)
    assert at.changes == []
    apply_platform(at, [lost.address])
    assert len(at.changes) == 1
