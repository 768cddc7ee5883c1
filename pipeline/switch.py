"""Move the API from a function to tasks or back, by Terraform, with something that serves at every moment.

The platform is applied with the traffic held where it is; a release then runs the API on both; only when
that was seen healthy does the traffic move, and only then does what has none any more go.
"""

import time
from collections.abc import Mapping

from pipeline import faults, runtimes, talk
from pipeline.infra import Terraform
from pipeline.lock import held as locked
from pipeline.session import Session

_WAIT = 1800.0
_SPREAD = 3.0  # seconds until every node of a load balancer knows a changed rule


def held(session: Session) -> Terraform:
    """The platform root, with the API's traffic where it is now."""
    return session.platform_with(session.platform_root.output().get("api_shares"))


def settle(session: Session) -> None:
    """Once a release runs on all that it is asked for, let the traffic follow; nothing where it has.

    Level-based: whoever was killed midway runs the same command again.
    """
    if runtimes.settled(session.platform):
        return
    with locked(session.store.objects, "move the API's traffic", wait=_WAIT) as lease:
        shares, wanted = session.platform["api_shares"], session.platform["api_split"]
        talk.say(f"-> the API's traffic moves: {_told(shares)} to {_told(wanted)}")
        leaving = dict.fromkeys(set(shares) - set(wanted), 0)
        if leaving:
            with faults.step("move traffic"):
                _apply(session, {**leaving, **wanted})
            time.sleep(_SPREAD)
            lease.check()
            _let_go(session, ", ".join(sorted(leaving)))
        lease.check()
        with faults.step("settle"):
            _apply(session, None)


def _let_go(session: Session, names: str) -> None:
    release = session.store.current()
    if release is None:
        return
    with faults.step("let go"), talk.step(f"terraform apply: release, without {names}"):
        session.release_root(release).apply()


def _apply(session: Session, shares: Mapping[str, int] | None) -> None:
    with talk.step("terraform apply: platform"):
        session.platform_with(shares).apply()
    session.forget()


def _told(shares: Mapping[str, int]) -> str:
    total = sum(shares.values())
    return ", ".join(f"{name} {share / total:.0%}" for name, share in sorted(shares.items()) if share)
