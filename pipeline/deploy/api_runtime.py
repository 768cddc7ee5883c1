"""Move the API from a function to tasks or back, without downtime.

First the platform is applied with unchanged traffic. A release then runs the API on both runtimes. Once both
are healthy the traffic moves, and the runtime without traffic is destroyed.
"""

import time
from collections.abc import Collection, Iterable, Mapping
from contextlib import nullcontext

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.steps import step
from pipeline.deploy.manifest import Release
from pipeline.deploy.session import Session
from pipeline.deploy.store.lock import Lease
from pipeline.terraform.root import TerraformRoot
from pipeline.terraform.stateful import require_none

_RULE_SPREAD_SECONDS = 3.0  # until all nodes of a load balancer use a changed rule


def apply_platform(session: Session, allowed_losses: Collection[str] = ()) -> None:
    """Apply the platform root with unchanged API traffic.

    Raises:
        TandemError: a stateful resource would be lost that is not among `allowed_losses`, or Terraform fails.
    """
    exists = bool(session.platform_root.output())
    # Before the first apply there is no lock, and no traffic.
    lock = session.locked("make the platform") if exists else nullcontext()
    with lock, step("platform", message="terraform apply: platform"):
        platform_with_traffic_held(session).apply_if(lambda plan: require_none(plan, allowed_losses))
    session.forget_platform()


def platform_with_traffic_held(session: Session) -> TerraformRoot:
    """The platform root with unchanged API traffic.

    Apply it under the same lock: else it could undo a move of the traffic by another run.
    """
    # Without an API nothing has traffic that could be held.
    return session.platform_with(session.platform_root.output().get("api_shares") or None)


def shift_api_traffic(session: Session) -> None:
    """Move the traffic to the planned runtimes, on which the current release must run already.

    Does nothing if the traffic is there already. If a run was killed midway, the same command finishes it.

    Raises:
        TandemError: the current release does not run on a planned runtime.
    """
    if session.platform.is_settled:
        return
    with session.locked("move the API's traffic") as lease:
        if session.platform.is_settled:
            return  # another run has moved it while this one waited for the lock
        shares, planned = session.platform.api_shares or {}, session.platform.api_split or {}
        release = _require_release_on(session, planned)
        console.info(f"-> moving the API's traffic: {_percents(shares)} to {_percents(planned)}")
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

    TandemError if not: another run may have rolled the release back before this one had the lock.
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
