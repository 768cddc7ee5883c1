"""The hold and resume verbs: whether the head of a source is released."""

from pipeline.core import console
from pipeline.core.audit import author, now
from pipeline.core.errors import TandemError
from pipeline.core.values import Source
from pipeline.deploy.session import Session
from pipeline.deploy.store import Outcome
from pipeline.deploy.store.holds import Hold


def hold(session: Session, source: Source, why: str) -> Hold:
    """Keep `source` at its released commit, whatever its head, until `resume`.

    Raises:
        TandemError: nothing was released yet.
    """
    store = session.store
    with session.locked(why) as lease:
        current = store.current()
        if current is None:
            raise TandemError(
                f"nothing was released in {session.environment} yet",
                hint=f"tandem release --env {session.environment}",
            )
        made = Hold(current.commits[source], (), why, author(), now())
        store.set_holds({**store.state().holds, source: made}, lease.token)
        store.record(0, Outcome.HELD, f"{source} is {made.describe(session.environment)}", token=lease.token)
    return made


def resume(session: Session, source: Source | None, why: str) -> list[Source]:
    """End the hold of `source`, or all holds; returns the sources that were on hold.

    The next release has their heads again.
    """
    store = session.store
    with session.locked(why) as lease:
        holds = store.state().holds
        ended = [held for held in sorted(holds) if source in {None, held}]
        if ended:
            left = {held: holds[held] for held in holds if held not in ended}
            store.set_holds(left, lease.token)
            store.record(0, Outcome.RESUMED, f"{', '.join(ended)}: {why}", token=lease.token)
        else:
            console.info(f"{source or 'no source'} is not on hold" if source else "no source is on hold")
    return ended
