"""The verdict on a rollout, from one snapshot of the service: pure."""

from dataclasses import dataclass
from enum import StrEnum

from pipeline.aws.ecs import DeploymentSnapshot, ServiceSnapshot


class End(StrEnum):
    """How a rollout ended, or that it has not."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ROLLED_BACK = "rolled back"


@dataclass(frozen=True)
class Verdict:
    """How it stands, and what ECS gave as the reason."""

    end: End
    reason: str = ""


def judge(snapshot: ServiceSnapshot, revision: str, *, was_seen: bool) -> Verdict:
    """How the rollout of revision `revision` stands; `was_seen` says whether its deployment showed before.

    Success is nothing less than: the service wants this revision, its deployment is complete, and as many
    of its tasks run as are desired.
    """
    deployment = snapshot.deployment_of(revision)
    if snapshot.task_definition != revision:
        return _left(snapshot, revision, deployment, was_seen=was_seen)
    if deployment is None:
        # The service was told, and has not begun; or it gave up and its scheduler forgot.
        return Verdict(End.FAILED, "the deployment vanished") if was_seen else Verdict(End.RUNNING)
    if deployment.state == "FAILED":
        return Verdict(End.FAILED, deployment.reason)
    if deployment.status == "PRIMARY" and _complete(snapshot, deployment):
        return Verdict(End.SUCCEEDED)
    return Verdict(End.RUNNING)


def _left(
    snapshot: ServiceSnapshot, revision: str, deployment: DeploymentSnapshot | None, *, was_seen: bool
) -> Verdict:
    """The service runs, or goes back to, something that we did not release."""
    reason = deployment.reason if deployment else ""
    back = snapshot.deployment_of(snapshot.task_definition)
    if back is not None and not _complete(snapshot, back):
        return Verdict(End.RUNNING, reason)
    if deployment is None and not was_seen:
        # Our deployment came and went between two looks, or someone else deployed meanwhile.
        running, released = (arn.rpartition("/")[2] for arn in (snapshot.task_definition, revision))
        reason = f"the service runs {running}, and not {released}"
    return Verdict(End.ROLLED_BACK, reason)


def _complete(snapshot: ServiceSnapshot, deployment: DeploymentSnapshot) -> bool:
    if deployment.state:
        return deployment.state == "COMPLETED" and deployment.running >= snapshot.desired
    # Services of before the circuit breaker have no rollout state.
    return len(snapshot.deployments) == 1 and deployment.running == snapshot.desired


def summary(snapshot: ServiceSnapshot, revision: str) -> str:
    """One line of progress: what runs of the new revision and of all others."""
    new = snapshot.deployment_of(revision)
    running, pending = (new.running, new.pending) if new else (0, 0)
    tasks = [task for task in snapshot.tasks_of(revision) if task.status == "RUNNING"]
    checked = [task for task in tasks if task.health != "UNKNOWN"]
    healthy = sum(task.health == "HEALTHY" for task in checked)
    old = sum(item.running for item in snapshot.deployments if item.task_definition != revision)
    parts = [f"new {running}/{snapshot.desired} running"]
    if checked:
        parts.append(f"{healthy} healthy")
    if pending:
        parts.append(f"{pending} starting")
    if old:
        parts.append(f"old {old} running")
    if new and new.failed:
        parts.append(f"{new.failed} failed")
    return ", ".join(parts)
