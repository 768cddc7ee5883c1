"""The approve verb: put a release into effect that waits for it."""

from pipeline.deploy.approval import require_waiting
from pipeline.deploy.manifest import Release
from pipeline.deploy.release import roll_out
from pipeline.deploy.session import Session
from pipeline.deploy.store import Outcome
from pipeline.deploy.store.holds import remaining


def approve(session: Session, number: int, why: str) -> Release:
    """Record who approves release `number` and why, and put it into effect; returns it.

    Raises:
        TandemError: it does not wait or is overtaken, a check fails, or the rollout failed.
    """
    with session.locked(why) as lease:
        release = require_waiting(session, number)
        session.preflight.require(release)
        session.store.record(number, Outcome.APPROVED, why, token=lease.token)
        roll_out(session, release, lease, holds=remaining(session.store.state().holds, release.commits))
    return release
