"""The hold and resume verbs: whether the head of a source is released."""

from datetime import UTC, datetime

from pipeline.core import console
from pipeline.core.audit import author, now
from pipeline.core.errors import TandemError
from pipeline.core.values import Commit, Source
from pipeline.deploy.session import Session
from pipeline.deploy.store import Outcome
from pipeline.deploy.store.holds import Hold
from pipeline.deploy.store.lock import Lease


def hold(session: Session, source: Source, why: str, until: str = "") -> Hold:
    """Keep `source` at its released commit, whatever its head, until `resume` or the time `until`.

    Raises:
        TandemError: nothing was released yet, or `until` is no time that is to come.
    """
    expires = parse_until(until)
    with session.locked(why) as lease:
        current = session.store.current()
        if current is None:
            raise TandemError(
                f"nothing was released in {session.environment} yet",
                hint=f"tandem release --env {session.environment}",
            )
        if source not in current.commits:
            raise TandemError(f"{current.title} has no source {source}", hint=f"tandem show {current.number}")
        return _record(session, Hold(current.commits[source], (), why, author(), now(), expires), lease)


def pin(session: Session, commit: Commit, why: str, until: str = "") -> Hold:
    """Release `commit` instead of its source's head, until `resume` or the time `until`.

    Nothing is released by it: the next release has the commit.

    Raises:
        TandemError: `until` is no time that is to come.
    """
    expires = parse_until(until)
    with session.locked(why) as lease:
        return _record(session, Hold(commit, (), why, author(), now(), expires), lease)


def _record(session: Session, new: Hold, lease: Lease) -> Hold:
    store, source = session.store, new.commit.source
    store.set_holds({**store.state().holds, source: new}, lease.token)
    store.record(0, Outcome.HELD, f"{source} is {new.describe(session.environment)}", token=lease.token)
    return new


def parse_until(text: str) -> str:
    """A time such as `2026-12-24T18:00+01:00` in UTC; without a zone it is that of this machine.

    Raises:
        TandemError: it is no time, or is over.
    """
    if not text:
        return ""
    hint = f"--until {datetime.now(UTC).year + 1}-01-31T18:00"
    try:
        time = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise TandemError(f"{text!r} is no time", hint=hint) from error
    if time <= datetime.now(UTC):
        raise TandemError(f"{text} is over already", hint=hint)
    return time.isoformat(timespec="seconds").replace("+00:00", "Z")


def resume(session: Session, source: Source | None, why: str) -> list[Source]:
    """End the hold of `source`, or all holds; returns the sources that were on hold.

    The next release has their heads again.
    """
    store = session.store
    with session.locked(why) as lease:
        holds = store.state().holds
        ended = [each for each in sorted(holds) if source in {None, each}]
        if ended:
            rest = {each: holds[each] for each in holds if each not in ended}
            store.set_holds(rest, lease.token)
            store.record(0, Outcome.RESUMED, f"{', '.join(ended)}: {why}", token=lease.token)
        else:
            console.info(f"{source or 'no source'} is not on hold" if source else "no source is on hold")
    return ended
