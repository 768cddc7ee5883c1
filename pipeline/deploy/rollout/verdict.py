"""Decide from one snapshot of a service whether a rollout succeeded; no calls."""

from dataclasses import dataclass
from enum import StrEnum

from pipeline.aws.ecs import DeploymentSnapshot, ServiceSnapshot


class End(StrEnum):
    """The end of a rollout; RUNNING until it has one."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ROLLED_BACK = "rolled back"


@dataclass(frozen=True)
class Verdict:
    """The state of a rollout, and ECS's reason for it."""

    end: End
    reason: str = ""


def judge(snapshot: ServiceSnapshot, revision: str, *, was_seen: bool) -> Verdict:
    """The state of the rollout of `revision` (an ARN).

    It has succeeded if the service is set to this revision, its deployment is complete, and as many tasks
    run as desired. `was_seen` says whether an earlier snapshot had its deployment.
    """
    deployment = snapshot.deployment_of(revision)
    if snapshot.task_definition != revision:
        return _judge_rollback(snapshot, revision, deployment, was_seen=was_seen)
    if deployment is None:
        # Either ECS has not begun the deployment yet, or it gave up and removed it.
        return Verdict(End.FAILED, "the deployment vanished") if was_seen else Verdict(End.RUNNING)
    if deployment.state == "FAILED":
        return Verdict(End.FAILED, deployment.reason)
    if deployment.status == "PRIMARY" and _is_complete(snapshot, deployment):
        return Verdict(End.SUCCEEDED)
    return Verdict(End.RUNNING)


def _judge_rollback(
    snapshot: ServiceSnapshot, revision: str, deployment: DeploymentSnapshot | None, *, was_seen: bool
) -> Verdict:
    """The service is set to another revision than the released one."""
    reason = deployment.reason if deployment else ""
    back = snapshot.deployment_of(snapshot.task_definition)
    if back is not None and not _is_complete(snapshot, back):
        return Verdict(End.RUNNING, reason)
    if deployment is None and not was_seen:
        # The deployment ended between two snapshots, or someone else has deployed.
        running, released = (arn.rpartition("/")[2] for arn in (snapshot.task_definition, revision))
        reason = f"the service runs {running}, and not {released}"
    return Verdict(End.ROLLED_BACK, reason)


def _is_complete(snapshot: ServiceSnapshot, deployment: DeploymentSnapshot) -> bool:
    if deployment.state:
        return deployment.state == "COMPLETED" and deployment.running >= snapshot.desired
    # A service without the circuit breaker has no rollout state.
    return len(snapshot.deployments) == 1 and deployment.running == snapshot.desired


def summary(snapshot: ServiceSnapshot, revision: str) -> str:
    """One line of progress: the tasks of the new revision and of all others."""
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
