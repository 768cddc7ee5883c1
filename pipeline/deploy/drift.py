"""Find out whether the current release still runs as it was released."""

from pipeline.aws import lambda_alias
from pipeline.aws.access import Aws
from pipeline.aws.ecs import read_service
from pipeline.core.errors import TandemError
from pipeline.deploy.manifest import Release
from pipeline.deploy.rollout.stopped_services import autoscaling_to_restart
from pipeline.deploy.rollout.verdict import End, judge
from pipeline.deploy.session import Session

_STOPPED = "does not run any more: applying it again"
_AT_ZERO = "has no task, which its autoscaling does not change: applying it again"
_ASLEEP = "has an API function that Lambda calls not active: applying it again"
_CHANGED = "runs, but differs from Terraform's plan: applying it again"


def drift_reason(session: Session, release: Release) -> str:
    """Why `release` must be applied again, as the end of a sentence; empty if it runs as released.

    Raises:
        TandemError: AWS or Terraform fails.
    """
    applied = session.applied(release)
    if applied is None or applied.release_number != release.number:
        return _STOPPED
    cluster = session.platform.cluster_name
    if autoscaling_to_restart(session.aws, session.platform.with_planned()):
        return _AT_ZERO
    if not all(_runs(session.aws, cluster, *service) for service in applied.services.items()):
        return _STOPPED
    if applied.function_name and not lambda_alias.is_active(session.aws, applied.function_name):
        return _ASLEEP
    return _CHANGED if session.release_root(release).plan().resources else ""


def _runs(aws: Aws, cluster: str, service: str, revision: str) -> bool:
    try:
        snapshot = read_service(aws, cluster, service)
    except TandemError:
        return False
    return judge(snapshot, revision, was_seen=True).end is End.SUCCEEDED
