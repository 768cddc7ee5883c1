"""Move the API from a function to tasks or back, by Terraform, with something that serves at every moment.

The platform is applied with the traffic held where it is; a release then runs the API on both; only when
that was seen healthy does the traffic move, and only then does what has none any more go.
"""

import time
from collections.abc import Iterable, Mapping
from contextlib import nullcontext

from pipeline.core import console, fault_points
from pipeline.core import platform as runtimes
from pipeline.core.errors import TandemError
from pipeline.deploy.manifest import Release
from pipeline.deploy.session import Session
from pipeline.deploy.store.lock import Lease
from pipeline.terraform.roots import Terraform

_SPREAD = 3.0  # seconds until every node of a load balancer knows a changed rule


def make_platform(session: Session) -> None:
    """Apply the platform root, with the API's traffic where it is now."""
    made = session.platform_root.output()
    # Where there is no platform yet there is no lock either, and no traffic.
    with session.locked("make the platform") if made else nullcontext(), fault_points.step("platform"):
        held(session).apply()
    session.forget()


def held(session: Session) -> Terraform:
    """The platform root, with the API's traffic where it is now.

    To be applied under the same lock: who moves the traffic in between would find it moved back.
    """
    return session.platform_with(session.platform_root.output().get("api_shares"))


def settle(session: Session) -> None:
    """Once a release runs on all that it is asked for, let the traffic follow; nothing where it has.

    Level-based: whoever was killed midway runs the same command again.
    """
    if runtimes.settled(session.platform):
        return
    with session.locked("move the API's traffic") as lease:
        if runtimes.settled(session.platform):
            return  # whoever had the lock has done it
        shares, wanted = session.platform["api_shares"], session.platform["api_split"]
        release = _serving(session, wanted)
        console.info(f"-> the API's traffic moves: {_told(shares)} to {_told(wanted)}")
        leaving = dict.fromkeys(set(shares) - set(wanted), 0)
        if leaving:
            with fault_points.step("move traffic"):
                _apply(session, lease, {**leaving, **wanted})
            time.sleep(_SPREAD)
            with fault_points.step("let go"):
                _let_go(session, lease, release, ", ".join(sorted(leaving)))
        with fault_points.step("settle"):
            _apply(session, lease, None)


def _serving(session: Session, wanted: Iterable[str]) -> Release:
    """The release that runs the API wherever it is wanted.

    TandemError if it does not: another run may have had the lock since the release, and have gone back.
    """
    release = session.store.current()
    on = runtimes.applied(session.release_root(release).output()) if release else set()
    missing = ", ".join(sorted(set(wanted) - on))
    if release is None or missing or session.store.interrupted():
        why = f"the API does not run on {missing}" if missing else "a release was left unfinished"
        raise TandemError(
            f"the API's traffic stays where it is: {why}; another run came between",
            hint="run the same command again",
        )
    return release


def _let_go(session: Session, lease: Lease, release: Release, names: str) -> None:
    lease.check()
    with console.step(f"terraform apply: release, without {names}"):
        session.release_root(release).apply()


def _apply(session: Session, lease: Lease, shares: Mapping[str, int] | None) -> None:
    lease.check()
    with console.step("terraform apply: platform"):
        session.platform_with(shares).apply()
    session.forget()


def _told(shares: Mapping[str, int]) -> str:
    total = sum(shares.values())
    return ", ".join(f"{name} {share / total:.0%}" for name, share in sorted(shares.items()) if share)
