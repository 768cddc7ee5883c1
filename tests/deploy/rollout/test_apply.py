"""New tasks are watched where there is something to watch, and something to go back to."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.core.settings import ApiSettings
from pipeline.deploy.rollout import apply as rollout
from pipeline.deploy.rollout.canary import Steps
from pipeline.deploy.store import Outcome, Store, lock
from pipeline.deploy.store.files import FileObjects
from pipeline.terraform.runner import LockedError
from tests.support.example_releases import make_release

RELEASE = make_release("a")


@pytest.fixture
def session(tmp_path: Path) -> Any:
    """A session of an environment where new tasks are watched for half a minute."""
    settings = SimpleNamespace(api=ApiSettings(canary=(50, 100), canary_seconds=7))
    store = Store(FileObjects(tmp_path), "dev")
    return SimpleNamespace(store=store, project=SimpleNamespace(settings=settings), bake_seconds=30)


def steps(session: Any, release: Any) -> list[Steps]:
    """What `release` is put into effect with."""
    given: list[Steps] = []
    effect = SimpleNamespace(put=lambda _release, steps: given.append(steps))
    with lock.held(session.store.objects, "release") as lease, pytest.MonkeyPatch.context() as patch:
        patch.setattr(rollout, "effect", lambda *_: effect)
        rollout.roll_out(session, session.store.add(release), lease)
    return given


def test_only_new_tasks_are_watched(session: Any) -> None:
    assert steps(session, RELEASE) == [Steps((50, 100), 7, 0)], "nothing to go back to"
    other_api = replace(RELEASE, api=make_release("b").api)
    assert steps(session, other_api) == [Steps((50, 100), 7, 0)], "the same tasks"
    assert steps(session, make_release("c")) == [Steps((50, 100), 7, 30)]


@pytest.mark.parametrize(
    ("applied", "outcome"), [(None, Outcome.FAILED), (1, Outcome.STARTED)], ids=["at first", "midway"]
)
def test_a_locked_state_fails_a_release_only_if_nothing_was_applied(
    session: Any, applied: int | None, outcome: Outcome
) -> None:
    def put(*_: object) -> None:
        raise LockedError("the state of terraform/release is locked")

    outputs = {"release_number": applied} if applied else {}
    session.release_root = lambda _release: SimpleNamespace(output=lambda: outputs)
    with lock.held(session.store.objects, "release") as lease, pytest.MonkeyPatch.context() as patch:
        patch.setattr(rollout, "effect", lambda *_: SimpleNamespace(put=put))
        with pytest.raises(LockedError):
            rollout.roll_out(session, session.store.add(RELEASE), lease)
    assert [entry.outcome for entry in session.store.trail(1)] == [outcome]
