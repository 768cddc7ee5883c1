"""The lock of an environment: one run changes it at a time.

The lock names its holder and expires without renewal. Its token grows with each acquisition, so a run that
lost the lock and continues later cannot write any more.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.deploy.store import state
from pipeline.deploy.store.holder import Holder, this_process
from pipeline.deploy.store.objects import Objects
from pipeline.deploy.store.state import EnvironmentState

EXPIRES_AFTER = 60.0  # seconds without renewal
_POLL = 0.5


@dataclass
class Lease:
    """The lock while this run holds it. Everything that is written under the lock contains `token`."""

    objects: Objects
    token: int
    waited: bool = False
    """Whether another run held the lock first: values read before it was acquired may be stale."""
    cut_off: int = 0
    """The token of the previous run if it was killed or failed; else 0."""
    _lost: threading.Event = field(default_factory=threading.Event)

    def check(self) -> None:
        """Call this before each change.

        Raises:
            TandemError: another run has taken the lock, or `tandem doctor --unlock` removed it.
        """
        current = state.read(self.objects)
        if self._lost.is_set() or current.token != self.token or current.holder is None:
            self._lost.set()
            raise TandemError(
                "the lock was taken by another run while this one was not heard from; it stops here",
                hint="tandem status shows what runs now",
            )

    def renew(self) -> bool:
        """Extend the lock by another `expires_after` seconds; False if another run has taken it."""
        renewed = state.change(self.objects, self._with_new_time)
        if renewed.token != self.token or renewed.holder is None:
            self._lost.set()
        return not self._lost.is_set()

    def _with_new_time(self, current: EnvironmentState) -> EnvironmentState | None:
        if current.token != self.token or current.holder is None:
            return None
        return replace(current, holder=replace(current.holder, renewed=time.time()))


@contextmanager
def held(
    objects: Objects, what: str, *, wait: float = 0, expires_after: float = EXPIRES_AFTER
) -> Iterator[Lease]:
    """Hold the environment's lock while the block runs, and renew it in a thread.

    `what` tells other runs why the lock is held. `wait` and `expires_after` are seconds.

    Raises:
        TandemError: another run holds the lock for longer than `wait`; the message names it.
    """
    lease = acquire(objects, what, wait=wait, expires_after=expires_after)
    stop = threading.Event()
    thread = threading.Thread(target=_keep_renewing, args=(lease, stop, expires_after / 4), daemon=True)
    thread.start()
    is_complete = False
    try:
        yield lease
        is_complete = True
    finally:
        stop.set()
        thread.join(timeout=expires_after / 4)
        try:
            release(objects, lease.token, is_complete=is_complete)
        except TandemError as error:
            # Do not hide an error of the block: the lock expires by itself.
            console.info(
                f"   the lock could not be released ({error.message}); it expires in {expires_after:.0f} s"
            )


def acquire(objects: Objects, what: str, *, wait: float = 0, expires_after: float = EXPIRES_AFTER) -> Lease:
    """Acquire the lock, without renewing it; `held` also renews and releases it.

    Raises:
        TandemError: another run holds the lock for longer than `wait` seconds.
    """
    me = this_process(what, expires_after)
    staleness = _Staleness()
    deadline = time.monotonic() + wait
    waited = False
    while True:
        current = state.change(objects, _take(me, staleness.is_stale))
        if current.holder == me:
            return Lease(objects, current.token, waited=waited, cut_off=current.cut_off)
        if time.monotonic() >= deadline:
            raise _locked_error(current)
        if not waited and current.holder:
            console.info(f"   waiting for {current.holder}")
            waited = True
        time.sleep(min(_POLL, max(0.0, deadline - time.monotonic())))


def release(objects: Objects, token: int, *, is_complete: bool = False) -> None:
    """Release the lock if it is held with `token`; `tandem doctor --unlock` removes a stale lock this way.

    `is_complete` is true if the run that held the lock ended without an error.
    """

    def without_holder(current: EnvironmentState) -> EnvironmentState | None:
        if current.token != token or current.holder is None:
            return None
        return replace(current, holder=None, cut_off=0 if is_complete else token)

    state.change(objects, without_holder)


def _locked_error(current: EnvironmentState) -> TandemError:
    holder = str(current.holder) if current.holder else "another run"
    return TandemError(
        f"the environment is locked by {holder}",
        hint=f"wait for it; if it is gone for good: tandem doctor --unlock {current.token}",
    )


@dataclass
class _Staleness:
    """Finds out whether a holder has stopped renewing; works even if the clocks of two machines differ."""

    holder: Holder | None = None
    unchanged_since: float = 0.0
    """When this process saw the newest renewal, by its monotonic clock."""

    def is_stale(self, holder: Holder) -> bool:
        if holder.is_dead:
            return True
        if holder != self.holder:
            self.holder, self.unchanged_since = holder, time.monotonic()
        unchanged = time.monotonic() - self.unchanged_since
        return max(holder.seconds_since_renewal, unchanged) > holder.expires_after


def _take(
    me: Holder, is_stale: Callable[[Holder], bool]
) -> Callable[[EnvironmentState], EnvironmentState | None]:
    def with_me(current: EnvironmentState) -> EnvironmentState | None:
        if current.holder is not None and not is_stale(current.holder):
            return None
        cut_off = current.token if current.holder else current.cut_off
        return replace(current, token=current.token + 1, holder=me, cut_off=cut_off)

    return with_me


def _keep_renewing(lease: Lease, stop: threading.Event, every: float) -> None:
    while not stop.wait(every):
        try:
            if not lease.renew():
                return
        except TandemError:
            continue  # the next renewal may succeed; if none does, `check` raises
