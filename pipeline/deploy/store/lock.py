"""The lock of an environment: one run changes it at a time.

The lock names its holder and expires without renewal: a waiting run takes it after it has watched the holder
for `expires_after` seconds and seen no renewal, or if the holder's process has ended on this machine. Wall
clocks play no part. The token grows with each acquisition, so a run that lost the lock and continues later
cannot write any more.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.deploy.store import state
from pipeline.deploy.store.holder import Holder, this_process
from pipeline.deploy.store.lease import EXPIRES_AFTER, Lease, renewals
from pipeline.deploy.store.objects import Objects
from pipeline.deploy.store.silence import Observation
from pipeline.deploy.store.state import EnvironmentState

__all__ = ["EXPIRES_AFTER", "Lease", "acquire", "held", "release", "watch"]

_POLL = 0.5


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
    is_complete = False
    try:
        with renewals(lease):
            yield lease
        is_complete = True
    finally:
        try:
            release(objects, lease.token, is_complete=is_complete)
        except Exception as error:  # noqa: BLE001 - do not hide an error of the block: the lock expires
            reason = str(error) or type(error).__name__
            console.info(f"   the lock could not be released ({reason}); it expires in {expires_after:.0f} s")


def acquire(objects: Objects, what: str, *, wait: float = 0, expires_after: float = EXPIRES_AFTER) -> Lease:
    """Acquire the lock, without renewing it; `held` also renews and releases it.

    Raises:
        TandemError: another run holds the lock for longer than `wait` seconds.
    """
    me = this_process(what, expires_after)
    observation = Observation()
    deadline = time.monotonic() + wait
    waited = False
    while True:
        began = time.monotonic()
        current = state.change(objects, _take(me, observation.is_over))
        if current.holder == me:
            return Lease(objects, current.token, waited, current.cut_off, expires_after, began)
        if time.monotonic() >= deadline:
            raise _locked_error(current)
        if not waited and current.holder:
            console.info(f"   waiting for {current.holder}")
            waited = True
        time.sleep(min(_POLL, max(0.0, deadline - time.monotonic())))


def release(objects: Objects, token: int, *, is_complete: bool = False) -> bool:
    """Release the lock if it is held with `token`; `tandem doctor --unlock` removes a stale lock this way.

    `is_complete` is true if the run that held the lock ended without an error. Returns whether it was held.
    """
    was_held = False

    def without_holder(current: EnvironmentState) -> EnvironmentState | None:
        nonlocal was_held
        was_held = current.token == token and current.holder is not None
        return replace(current, holder=None, cut_off=0 if is_complete else token) if was_held else None

    state.change(objects, without_holder)
    return was_held


def watch(objects: Objects, seconds: float) -> Observation:
    """Watch the lock until its holder changes it, or for `seconds`, without taking it."""
    observation = Observation()
    first = state.read(objects)
    observation.look(first)
    end = time.monotonic() + seconds
    while observation.last_state == first and time.monotonic() < end:
        time.sleep(min(_POLL, max(0.0, end - time.monotonic())))
        observation.look(state.read(objects))
    return observation


def _locked_error(current: EnvironmentState) -> TandemError:
    holder = str(current.holder) if current.holder else "another run"
    return TandemError(
        f"the environment is locked by {holder}",
        hint="wait for it: the next run takes the lock of one that died; "
        f"to stop one that hangs: tandem doctor --unlock {current.token}",
    )


def _take(
    me: Holder, is_over: Callable[[EnvironmentState], bool]
) -> Callable[[EnvironmentState], EnvironmentState | None]:
    def with_me(current: EnvironmentState) -> EnvironmentState | None:
        if not is_over(current):
            return None
        cut_off = current.token if current.holder else current.cut_off
        return replace(current, token=current.token + 1, holder=me, cut_off=cut_off)

    return with_me
