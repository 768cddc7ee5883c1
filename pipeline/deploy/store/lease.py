"""The lock while a run holds it: checked before each change, and renewed by a thread."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from pipeline.core.errors import TandemError
from pipeline.deploy.store import state
from pipeline.deploy.store.objects import Objects
from pipeline.deploy.store.state import EnvironmentState

EXPIRES_AFTER = 60.0  # seconds without renewal
_AT_ONCE = 8  # renewals that hang; one that ends makes room for the next


@dataclass
class Lease:
    """The lock while this run holds it. Everything that is written under the lock contains `token`."""

    objects: Objects
    token: int
    waited: bool = False
    """Whether another run held the lock first: values read before it was acquired may be stale."""
    cut_off: int = 0
    """The token of the previous run if it was killed or failed; else 0."""
    expires_after: float = EXPIRES_AFTER
    renewed_at: float = field(default_factory=time.monotonic)
    """The monotonic time before the request that renewed the lock: other runs watch from then on."""
    last_error: str = ""
    """Why the last renewal failed."""
    _loss: threading.Event = field(default_factory=threading.Event)

    def check(self) -> None:
        """Call this before each change.

        Raises:
            TandemError: another run has taken the lock, `tandem doctor --unlock` removed it, or another run
                may take it because this one could not renew it in time.
        """
        current = state.read(self.objects)
        if self._loss.is_set() or current.token != self.token or current.holder is None:
            self._loss.set()
        elif self._is_overdue():
            self.try_renew()
        if self._loss.is_set():
            raise TandemError(
                "the lock was taken by another run while this one was not heard from; it stops here",
                hint="tandem status",
            )
        if self._is_overdue():
            raise self._overdue_error()

    def renew(self) -> bool:
        """Extend the lock by another `expires_after` seconds; False if another run has taken it."""
        began = time.monotonic()
        current = state.change(self.objects.quick(), self._with_new_time)
        if current.token != self.token or current.holder is None:
            self._loss.set()
        else:
            self.renewed_at = max(self.renewed_at, began)
        return not self._loss.is_set()

    def try_renew(self) -> None:
        """The same, but note an error only: the next renewal may succeed; if none does, `check` raises."""
        try:
            self.renew()
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not end the renewals
            self.last_error = str(error) or type(error).__name__

    @property
    def is_lost(self) -> bool:
        """Whether another run has taken the lock, as far as this one knows."""
        return self._loss.is_set()

    def _is_overdue(self) -> bool:
        return time.monotonic() - self.renewed_at > self.expires_after

    def _overdue_error(self) -> TandemError:
        reason = self.last_error or "each renewal took too long"
        return TandemError(
            f"the lock could not be renewed for {time.monotonic() - self.renewed_at:.0f} s, "
            f"so another run may take it: {reason}; this run stops here",
            hint="tandem doctor; then run the same command again",
        )

    def _with_new_time(self, current: EnvironmentState) -> EnvironmentState | None:
        if current.token != self.token or current.holder is None:
            return None
        renewals = current.holder.renewals + 1
        return replace(current, holder=replace(current.holder, renewed=time.time(), renewals=renewals))


@contextmanager
def renewals(lease: Lease) -> Iterator[None]:
    """Renew the lease four times in its duration, while the block runs."""
    stop, every = threading.Event(), lease.expires_after / 4
    thread = threading.Thread(target=_keep_renewing, args=(lease, stop, every), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=every)


def _keep_renewing(lease: Lease, stop: threading.Event, every: float) -> None:
    """Each renewal has a thread of its own: one that hangs does not block the next."""
    room = threading.Semaphore(_AT_ONCE)
    while not stop.wait(every) and not lease.is_lost:
        if not room.acquire(blocking=False):
            continue
        try:
            threading.Thread(target=_renew_once, args=(lease, room), daemon=True).start()
        except RuntimeError:  # the machine has no thread left
            room.release()
            lease.try_renew()


def _renew_once(lease: Lease, room: threading.Semaphore) -> None:
    try:
        lease.try_renew()
    finally:
        room.release()
