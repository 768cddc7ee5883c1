"""One deployment at a time: a lock that names its holder, expires, and fences who comes back late."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.core import console
from pipeline.core.audit import author
from pipeline.core.errors import TandemError
from pipeline.deploy.store import state
from pipeline.deploy.store.objects import Objects
from pipeline.deploy.store.state import EnvironmentState, Holder

EXPIRES_AFTER = 60.0  # seconds without a sign of life
_POLL = 0.5


@dataclass
class Lease:
    """The lock, held. `token` goes into everything that is written under it."""

    objects: Objects
    token: int
    waited: bool = False
    """Whether another held it first: what was read before that may be of yesterday."""
    cut_off: int = 0
    """The token of the run before, if that did not come to its own end."""
    _lost: threading.Event = field(default_factory=threading.Event)

    def check(self) -> None:
        """TandemError if the lock is no longer ours: call it before each step that changes something."""
        found = state.read(self.objects)
        if self._lost.is_set() or found.token != self.token or found.holder is None:
            self._lost.set()
            raise TandemError(
                "the lock was taken by another run while this one was not heard from; it stops here",
                hint="tandem status shows what runs now",
            )

    def renew(self) -> bool:
        """Show a sign of life; False if the lock is lost."""
        after = state.change(self.objects, self._renewed)
        if after.token != self.token or after.holder is None:
            self._lost.set()
        return not self._lost.is_set()

    def _renewed(self, found: EnvironmentState) -> EnvironmentState | None:
        if found.token != self.token or found.holder is None:
            return None
        return replace(found, holder=replace(found.holder, renewed=time.time()))


@contextmanager
def held(
    objects: Objects, what: str, *, wait: float = 0, expires_after: float = EXPIRES_AFTER
) -> Iterator[Lease]:
    """Hold the environment's lock while the block runs.

    `wait` is how many seconds to wait for another holder; TandemError names the holder after that.
    """
    lease = acquire(objects, what, wait=wait, expires_after=expires_after)
    over = threading.Event()
    thread = threading.Thread(target=_keep_alive, args=(lease, over, expires_after / 4), daemon=True)
    thread.start()
    whole = False
    try:
        yield lease
        whole = True
    finally:
        over.set()
        thread.join(timeout=expires_after / 4)
        try:
            release(objects, lease.token, whole=whole)
        except TandemError as error:
            # What happened in the block matters more than a lock that expires by itself.
            console.info(
                f"   the lock could not be released ({error.message}); it expires in {expires_after:.0f} s"
            )


def acquire(objects: Objects, what: str, *, wait: float = 0, expires_after: float = EXPIRES_AFTER) -> Lease:
    """Take the lock once; `held` renews it as well, and lets go of it."""
    me = _myself(what, expires_after)
    watch = _Watch()
    deadline = time.monotonic() + wait
    said = False
    while True:
        taken = state.change(objects, _take(me, watch.is_stale))
        if taken.holder == me:
            return Lease(objects, taken.token, waited=said, cut_off=taken.cut_off)
        if time.monotonic() >= deadline:
            raise refusal(taken)
        if not said and taken.holder:
            console.info(f"   waiting for {described(taken.holder)}")
            said = True
        time.sleep(min(_POLL, max(0.0, deadline - time.monotonic())))


def release(objects: Objects, token: int, *, whole: bool = False) -> None:
    """Let go of the lock if `token` still holds it; also the way to clear a stale one.

    `whole` says that the run which held it came to its own end.
    """

    def let_go(found: EnvironmentState) -> EnvironmentState | None:
        if found.token != token or found.holder is None:
            return None
        return replace(found, holder=None, cut_off=0 if whole else token)

    state.change(objects, let_go)


def refusal(found: EnvironmentState) -> TandemError:
    """What to tell who cannot have the lock."""
    holder = described(found.holder) if found.holder else "another run"
    return TandemError(
        f"the environment is locked by {holder}",
        hint=f"wait for it; if it is gone for good: tandem doctor --unlock {found.token}",
    )


def described(holder: Holder) -> str:
    """Who, where, for what and for how long, for people."""
    age = max(0, round(time.time() - holder.since))
    return f"{holder.who} on {holder.host} (process {holder.process}, {holder.what}, for {age} s)"


def silence(holder: Holder) -> float:
    """Seconds since its last sign of life, by both machines' clocks."""
    return time.time() - holder.renewed


def is_dead(holder: Holder) -> bool:
    """Whether the holder's process ran on this machine and does so no more."""
    return holder.machine == _machine() and _began(holder.process) != holder.process_began


@dataclass
class _Watch:
    """Tells stale holders by signs of life, and by this machine's monotonic clock where clocks disagree."""

    seen: Holder | None = None
    since: float = 0.0

    def is_stale(self, holder: Holder) -> bool:
        if is_dead(holder):
            return True
        if holder != self.seen:
            self.seen, self.since = holder, time.monotonic()
        return max(silence(holder), time.monotonic() - self.since) > holder.expires_after


def _take(
    me: Holder, is_stale: Callable[[Holder], bool]
) -> Callable[[EnvironmentState], EnvironmentState | None]:
    def decide(found: EnvironmentState) -> EnvironmentState | None:
        if found.holder is not None and not is_stale(found.holder):
            return None
        cut_off = found.token if found.holder else found.cut_off
        return replace(found, token=found.token + 1, holder=me, cut_off=cut_off)

    return decide


def _keep_alive(lease: Lease, over: threading.Event, every: float) -> None:
    while not over.wait(every):
        try:
            if not lease.renew():
                return
        except TandemError:
            continue  # the next sign of life may get through; `check` tells the truth in the end


def _myself(what: str, expires_after: float) -> Holder:
    now, process = time.time(), os.getpid()
    return Holder(
        who=author(),
        what=what,
        host=socket.gethostname(),
        machine=_machine(),
        process=process,
        process_began=_began(process),
        since=now,
        renewed=now,
        expires_after=expires_after,
    )


def _machine() -> str:
    """This boot of this machine, and which processes it can see; random where the kernel does not say."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return f"unknown {os.urandom(8).hex()}"


def _began(process: int) -> str:
    """When the process began, in kernel ticks: process ids are used again, this tells them apart."""
    try:
        status = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "gone"
    fields = status.rpartition(")")[2].split()
    return "gone" if fields[0] in {"Z", "X"} else fields[19]
