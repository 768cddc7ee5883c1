"""How a rollout stands, from one look at the service: pure."""

from dataclasses import dataclass
from enum import StrEnum

from pipeline.aws.ecs import Deployment, Look


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


def judge(look: Look, wanted: str, *, seen: bool) -> Verdict:
    """How the rollout of revision `wanted` stands; `seen` says whether its deployment showed before.

    Success is nothing less than: the service wants this revision, its deployment is complete, and as many
    of its tasks run as are desired.
    """
    deployment = look.deployment_of(wanted)
    if look.task_definition != wanted:
        return _left(look, wanted, deployment, seen=seen)
    if deployment is None:
        # The service was told, and has not begun; or it gave up and its scheduler forgot.
        return Verdict(End.FAILED, "the deployment vanished") if seen else Verdict(End.RUNNING)
    if deployment.state == "FAILED":
        return Verdict(End.FAILED, deployment.reason)
    if deployment.status == "PRIMARY" and _complete(look, deployment):
        return Verdict(End.SUCCEEDED)
    return Verdict(End.RUNNING)


def _left(look: Look, wanted: str, deployment: Deployment | None, *, seen: bool) -> Verdict:
    """The service runs, or goes back to, something that we did not release."""
    reason = deployment.reason if deployment else ""
    back = look.deployment_of(look.task_definition)
    if back is not None and not _complete(look, back):
        return Verdict(End.RUNNING, reason)
    if deployment is None and not seen:
        # Our deployment came and went between two looks, or someone else deployed meanwhile.
        running, released = (arn.rpartition("/")[2] for arn in (look.task_definition, wanted))
        reason = f"the service runs {running}, and not {released}"
    return Verdict(End.ROLLED_BACK, reason)


def _complete(look: Look, deployment: Deployment) -> bool:
    if deployment.state:
        return deployment.state == "COMPLETED" and deployment.running >= look.desired
    # Services of before the circuit breaker have no rollout state.
    return len(look.deployments) == 1 and deployment.running == look.desired


def summary(look: Look, wanted: str) -> str:
    """One line of progress: what runs of the new revision and of all others."""
    new = look.deployment_of(wanted)
    running, pending = (new.running, new.pending) if new else (0, 0)
    tasks = [task for task in look.tasks_of(wanted) if task.status == "RUNNING"]
    checked = [task for task in tasks if task.health != "UNKNOWN"]
    healthy = sum(task.health == "HEALTHY" for task in checked)
    old = sum(item.running for item in look.deployments if item.task_definition != wanted)
    parts = [f"new {running}/{look.desired} running"]
    if checked:
        parts.append(f"{healthy} healthy")
    if pending:
        parts.append(f"{pending} starting")
    if old:
        parts.append(f"old {old} running")
    if new and new.failed:
        parts.append(f"{new.failed} failed")
    return ", ".join(parts)
