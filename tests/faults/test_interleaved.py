"""Pushes, releases, crashes, rollbacks and gc in any order: the current release exists and was healthy."""

import shutil
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from pipeline.core.errors import TandemError
from pipeline.core.settings import ApiSettings
from pipeline.deploy import gc, rollback
from pipeline.deploy import release as release_verb
from pipeline.deploy.manifest import Release
from pipeline.deploy.store import Outcome, Store, lock
from pipeline.deploy.store.files import FileObjects
from tests.faults.crashing import Crash, CrashingObjects
from tests.support.effort import examples
from tests.support.example_releases import PLATFORM, make_release
from tests.support.folders import in_memory

RELEASES = {fill: make_release(fill) for fill in "abcdef"}
WRITES = 9  # a run that fails and goes back makes as many at most
NO_CRASH = 0


class Interleaved(RuleBasedStateMachine):
    """The real store, lock, rollout and recovery on real files; sets stand for AWS and the registry."""

    def __init__(self) -> None:
        super().__init__()
        self.root = in_memory()
        self.objects = CrashingObjects(FileObjects(self.root))
        self.store = Store(self.objects, "dev")
        self.head = "a"
        self.broken: set[str] = set()
        self.registry: set[str] = set()
        self.runs: Release | None = None
        self.healthy: set[int] = set()
        self.manifests: dict[int, bytes] = {}
        self.acknowledged: list[int] = []
        self.undecided: set[int] = set()

    def teardown(self) -> None:
        shutil.rmtree(self.root)

    @rule(fill=st.sampled_from("abcdef"), works=st.booleans())
    def push(self, fill: str, works: bool) -> None:  # noqa: FBT001 - drawn by Hypothesis
        self.head = fill
        (self.broken.discard if works else self.broken.add)(fill)

    @rule(crash=st.integers(NO_CRASH, WRITES), early=st.booleans())
    def release(self, crash: int, early: bool) -> None:  # noqa: FBT001
        self._run(crash, early, self._release)

    @rule(crash=st.integers(NO_CRASH, WRITES), early=st.booleans())
    def roll_back(self, crash: int, early: bool) -> None:  # noqa: FBT001
        self._run(crash, early, self._roll_back)

    @rule()
    def resume(self) -> None:
        """The same command finishes as soon as nothing breaks any more."""
        self.broken.clear()
        assert self._run(NO_CRASH, early=False, work=self._release)
        assert self.store.interrupted() is None
        current = self.store.current()
        assert current is not None
        assert current.content() == RELEASES[self.head].content()
        assert self.runs == current

    @rule(last=st.integers(1, 3))
    def clear_away(self, last: int) -> None:
        kept = {
            str(image) for release in gc.kept_releases(self.store, last) for image in release.images.values()
        }
        self.registry &= kept

    def _run(self, crash: int, early: bool, work: Any) -> bool:  # noqa: FBT001
        """Whether the run reported success. A crashed run's lock is released, as a dead holder's is."""
        self.objects.arm(crash, early=early)
        lease = None
        try:
            lease = lock.acquire(self.objects, "release")
            number = work(lease)
        except TandemError:
            number = None
        except Crash:
            self.undecided |= {number for number in self.healthy if number not in self.acknowledged}
            number = None
        self.objects.arm(NO_CRASH - 1, early=False)
        lock.release(self.objects, self.store.state().token)
        if number is not None:
            self.acknowledged.append(number)
        self._remember()
        return number is not None

    def _release(self, lease: lock.Lease) -> int:
        release = RELEASES[self.head]
        self.registry |= {str(image) for image in release.images.values()}
        current = self.store.current()
        if current and current.content() == release.content() and not self.store.interrupted():
            if self.runs != current:
                self._roll_out(current, lease)
            return current.number
        numbered = self.store.add(replace(release, replaces=self.store.state().current))
        self._roll_out(numbered, lease)
        return numbered.number

    def _roll_back(self, lease: lock.Lease) -> int:
        target = rollback.choose_target(self.store)
        self._require_images(target)
        numbered = rollback.repeat_release(self.store, target, "back")
        self._roll_out(numbered, lease)
        return numbered.number

    def _roll_out(self, release: Release, lease: lock.Lease) -> None:
        project = SimpleNamespace(settings=SimpleNamespace(api=ApiSettings()))
        session = SimpleNamespace(
            store=self.store,
            project=project,
            platform=PLATFORM,
            bake_seconds=0,
            canary_seconds=0,
            rollout=lambda one, *_, **__: one,
        )
        with patch.object(release_verb, "run_steps", self._run_steps):
            release_verb.roll_out(session, release, lease)  # type: ignore[arg-type]

    def _run_steps(self, release: Release) -> None:
        self._require_images(release)
        self.runs = release
        if str(release.images["app"].digest)[-1] in self.broken:
            raise TandemError("tasks failed to start")
        self.healthy.add(release.number)

    def _require_images(self, release: Release) -> None:
        missing = {str(image) for image in release.images.values()} - self.registry
        if missing:
            raise TandemError(f"images are gone: {missing}")

    def _remember(self) -> None:
        for number in self.store.numbers():
            stored = self.objects.read(f"manifests/{number:08d}.json")
            assert stored is not None
            assert self.manifests.setdefault(number, stored.data) == stored.data, "a release was changed"

    @invariant()
    def current_exists_and_was_healthy(self) -> None:
        current = self.store.current()
        if current is not None:
            assert current.number in self.healthy
            assert {str(image) for image in current.images.values()} <= self.registry

    @invariant()
    def no_number_is_given_twice_and_none_is_lost(self) -> None:
        assert self.store.numbers() == sorted(self.manifests)

    @invariant()
    def nothing_acknowledged_is_lost(self) -> None:
        succeeded = [entry.release for entry in self.store.trail() if entry.outcome is Outcome.SUCCEEDED]
        assert set(self.acknowledged) <= set(succeeded)
        current = self.store.state().current
        if self.acknowledged:
            assert current in {self.acknowledged[-1], *self.undecided}


Interleaved.TestCase.settings = settings(max_examples=examples(25), stateful_step_count=20, deadline=None)
TestInterleaved = pytest.mark.slow(Interleaved.TestCase)
