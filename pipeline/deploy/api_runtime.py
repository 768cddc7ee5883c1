"""Move the API from a function to tasks or back, by Terraform, with something that serves at every moment.

The platform is applied with the traffic held where it is; a release then runs the API on both runtimes; when
both are healthy the traffic moves, and after that the runtime without traffic is destroyed.
"""

import time
from collections.abc import Iterable, Mapping
from contextlib import nullcontext

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.steps import step
from pipeline.deploy.manifest import Release
from pipeline.deploy.session import Session
from pipeline.deploy.store.lock import Lease
from pipeline.terraform.roots import TerraformRoot

_RULE_SPREAD_SECONDS = 3.0  # until every node of a load balancer knows a changed rule


def apply_platform(session: Session) -> None:
    """Apply the platform root, with the API's traffic where it is now; TandemError if Terraform fails."""
    exists = bool(session.platform_root.output())
    # Without a platform there is no lock, and no traffic either.
    lock = session.locked("make the platform") if exists else nullcontext()
    with lock, step("platform", message="terraform apply: platform"):
        platform_with_traffic_held(session).apply()
    session.forget_platform()


def platform_with_traffic_held(session: Session) -> TerraformRoot:
    """The platform root, with the API's traffic where it is now.

    Apply it under the same lock: a run that moves the traffic in between would find it moved back.
    """
    return session.platform_with(session.platform_root.output().get("api_shares"))


def shift_api_traffic(session: Session) -> None:
    """Move the traffic to the runtimes that are asked for, once a release runs on them.

    Does nothing if it has moved already. A run that was killed midway is finished by the same command.

    Raises:
        TandemError: the current release does not run on a runtime that is asked for.
    """
    if session.platform.is_settled:
        return
    with session.locked("move the API's traffic") as lease:
        if session.platform.is_settled:
            return  # another run had the lock and has done it
        shares, planned = session.platform.api_shares or {}, session.platform.api_split or {}
        release = _require_release_on(session, planned)
        console.info(f"-> the API's traffic moves: {_percents(shares)} to {_percents(planned)}")
        idle = dict.fromkeys(set(shares) - set(planned), 0)
        if idle:
            with step("move traffic"):
                _apply_shares(session, lease, {**idle, **planned})
            time.sleep(_RULE_SPREAD_SECONDS)
            with step("destroy idle"):
                _destroy_idle_runtime(session, lease, release, ", ".join(sorted(idle)))
        with step("settle"):
            _apply_shares(session, lease, None)


def _require_release_on(session: Session, runtimes: Iterable[str]) -> Release:
    """The current release, if it runs the API on all `runtimes`.

    TandemError if it does not: another run may have had the lock since the release, and have gone back.
    """
    release = session.store.current()
    applied = session.applied(release) if release else None
    missing = ", ".join(sorted(set(runtimes) - (applied.runtimes if applied else frozenset())))
    if release is None or missing or session.store.interrupted():
        why = f"the API does not run on {missing}" if missing else "a release was left unfinished"
        raise TandemError(
            f"the API's traffic stays where it is: {why}; another run came between",
            hint="run the same command again",
        )
    return release


def _destroy_idle_runtime(session: Session, lease: Lease, release: Release, names: str) -> None:
    lease.check()
    with step("terraform apply", message=f"terraform apply: release, without {names}"):
        session.release_root(release).apply()


def _apply_shares(session: Session, lease: Lease, shares: Mapping[str, int] | None) -> None:
    lease.check()
    with step("terraform apply", message="terraform apply: platform"):
        session.platform_with(shares).apply()
    session.forget_platform()


def _percents(shares: Mapping[str, int]) -> str:
    total = sum(shares.values())
    return ", ".join(f"{name} {share / total:.0%}" for name, share in sorted(shares.items()) if share)
