"""The approval that an environment may want before a release takes effect."""

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.deploy.manifest import Release
from pipeline.deploy.session import Session
from pipeline.deploy.store import Outcome
from pipeline.deploy.store.lock import Lease

_GIVEN = frozenset({Outcome.APPROVED, Outcome.STARTED})


def must_wait(session: Session, release: Release, lease: Lease) -> bool:
    """Whether the numbered `release` waits for an approval, which is recorded once."""
    if not session.gates.approval:
        return False
    last = session.store.last_of(release.number)
    if last and last.outcome in _GIVEN:
        return False
    if last is None:
        session.store.record(release.number, Outcome.WAITING, release.why, token=lease.token)
    console.info(f"   {release.title} waits; tandem approve {release.number} --env {session.environment}")
    return True


def require_waiting(session: Session, number: int) -> Release:
    """Release `number`, if it waits for an approval and nothing has overtaken it.

    Raises:
        TandemError: it does not wait, a newer release waits, or another release is current than it replaces.
    """
    store, env = session.store, session.environment
    release, last, latest = store.get(number), store.last_of(number), store.latest()
    if last is None or last.outcome not in {Outcome.WAITING, Outcome.APPROVED}:
        state = f"it {last.outcome.value} at {last.at}" if last else "it was never applied"
        raise TandemError(
            f"release {number} does not wait for approval: {state}", hint=f"tandem history --env {env}"
        )
    if latest and latest.number != number:
        raise TandemError(
            f"release {number} is overtaken: release {latest.number} has later heads",
            hint=f"tandem show {latest.number} --env {env}",
        )
    if release.replaces != store.state().current:
        raise TandemError(
            f"release {number} was made to replace release {release.replaces}, "
            f"but release {store.state().current} is current",
            hint=f"tandem release --env {env}",
        )
    return release
