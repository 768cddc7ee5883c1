"""Whatever happens in whatever order, `current` names a release that succeeded, and no number comes twice."""

import shutil

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from pipeline.core.errors import TandemError
from pipeline.deploy import gc
from pipeline.deploy.rollback import choose_target, repeat_release
from pipeline.deploy.store import Outcome, Store, lock
from pipeline.deploy.store.files import FileObjects
from tests.support.effort import examples
from tests.support.example_releases import make_release
from tests.support.folders import in_memory
from tests.support.trail import last_succeeded

RELEASES = {fill: make_release(fill) for fill in "abc"}


class Deploying(RuleBasedStateMachine):
    """Runs of the pipeline that begin, crash, come back late, succeed, fail, go back and clear away."""

    leases = Bundle("leases")
    numbers = Bundle("numbers")

    def __init__(self) -> None:
        super().__init__()
        self.root = in_memory()
        self.store = Store(FileObjects(self.root), "dev")
        self.numbers: list[int] = []
        self.tokens: list[int] = []
        self.healthy: set[int] = set()
        self.images: set[object] = set()

    def teardown(self) -> None:
        shutil.rmtree(self.root)

    @rule(target=numbers, fill=st.sampled_from("abc"))
    def add(self, fill: str) -> int:
        number = self.store.add(RELEASES[fill]).number
        self.images.update(RELEASES[fill].images.values())
        self.numbers.append(number)
        return number

    @rule(target=leases, crashed=st.booleans())
    def acquire(self, crashed: bool) -> lock.Lease:  # noqa: FBT001 - drawn by Hypothesis
        state = self.store.state()
        if crashed and state.holder:
            lock.release(self.store.objects, state.token)
        try:
            lease = lock.acquire(self.store.objects, "release")
        except TandemError:
            assert state.holder is not None
            return lock.Lease(self.store.objects, -1)
        self.tokens.append(lease.token)
        return lease

    @rule(lease=leases)
    def let_go(self, lease: lock.Lease) -> None:
        lock.release(self.store.objects, lease.token)

    @rule(lease=leases, number=numbers)
    def succeed(self, lease: lock.Lease, number: int) -> None:
        state = self.store.state()
        entitled = state.holder is not None and state.token == lease.token
        try:
            self.store.succeed(number, lease.token)
        except TandemError:
            assert not entitled
        else:
            assert entitled
            self.healthy.add(number)
            # Its images were built, or verified to be there, before it could succeed.
            self.images.update(self.store.get(number).images.values())

    @rule(lease=leases)
    def roll_back(self, lease: lock.Lease) -> None:
        try:
            target = choose_target(self.store)
        except TandemError:
            return
        assert target.number in self.healthy
        assert self.images.issuperset(target.images.values())
        release = repeat_release(self.store, target, "rollback")
        self.numbers.append(release.number)
        self.succeed(lease, release.number)

    @rule(last=st.integers(1, 3))
    def clear_away(self, last: int) -> None:
        kept = gc.kept_releases(self.store, last)
        self.images = {image for release in kept for image in release.images.values()}

    @rule(number=numbers)
    def fail(self, number: int) -> None:
        self.store.record(number, Outcome.FAILED, "broken on purpose")

    @invariant()
    def no_number_is_given_twice(self) -> None:
        assert len(self.numbers) == len(set(self.numbers))
        assert self.store.numbers() == sorted(self.numbers)

    @invariant()
    def no_token_is_given_twice(self) -> None:
        assert self.tokens == sorted(set(self.tokens))

    @invariant()
    def current_was_once_healthy(self) -> None:
        current = self.store.state().current
        assert current is None or current in self.healthy

    @invariant()
    def the_images_of_current_exist(self) -> None:
        current = self.store.current()
        assert current is None or self.images.issuperset(current.images.values())

    @invariant()
    def what_is_current_is_what_succeeded_last(self) -> None:
        assert self.store.state().current == last_succeeded(self.store)


Deploying.TestCase.settings = settings(max_examples=examples(25), stateful_step_count=25, deadline=None)
TestDeploying = Deploying.TestCase
