"""Explain why tasks of a revision do not run: exit codes, health checks, last log lines."""

from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.aws.access import Aws
from pipeline.aws.client_errors import ClientError, explain_errors
from pipeline.aws.ecs import ServiceSnapshot, Task, TaskContainer
from pipeline.core.errors import TandemError
from pipeline.core.plain_text import plain

_LOG_LINES = 5


def explain(aws: Aws, snapshot: ServiceSnapshot, revision: str) -> str:
    """The reason of the newest failed task of `revision`, with its last log lines; empty without one."""
    tasks = snapshot.tasks_of(revision)
    broken_tasks = [task for task in tasks if _is_broken(task)]
    # The problem of older tasks may be gone.
    for task in sorted(broken_tasks, key=_created, reverse=True):
        culprit = _culprit(task.containers)
        lines = [*_sentences(task, culprit), *_log_tail(aws, task, culprit)]
        if lines:
            return "\n".join(lines)
    return ""


def describe_end(task: Task) -> str:
    """One line about a stopped task."""
    return f"task {task.id[:8]}: {'; '.join(_sentences(task, _culprit(task.containers)))}"


def failed_tasks(snapshot: ServiceSnapshot, revision: str) -> list[Task]:
    """The stopped tasks of the revision that exited or failed their health check; not those scaled in."""
    return [task for task in snapshot.tasks_of(revision) if task.status == "STOPPED" and _is_broken(task)]


def _is_broken(task: Task) -> bool:
    if task.stopped_reason.startswith("Scaling activity"):
        return False
    return bool(task.stopped_reason) or task.health == "UNHEALTHY"


def _created(task: Task) -> float:
    created_at = task.times.get("createdAt")
    return created_at.timestamp() if created_at else 0.0


def _culprit(containers: Iterable[TaskContainer]) -> TaskContainer | None:
    """The container that most likely made the task fail; the first rule that matches one decides."""
    all_containers = list(containers)
    for matches in (
        lambda item: bool(item.exit_code),
        lambda item: bool(item.reason),
        lambda item: item.health == "UNHEALTHY",
        lambda item: item.exit_code is not None and item.name == "app",
        lambda item: item.name == "app",
    ):
        for container in all_containers:
            if matches(container):
                return container
    return None


def _sentences(task: Task, culprit: TaskContainer | None) -> list[str]:
    sentences = [task.stopped_reason] if task.stopped_reason else []
    if culprit is None:
        return sentences
    if culprit.exit_code is not None:
        sentences.append(f"container {culprit.name} exited with code {culprit.exit_code}")
    if culprit.health == "UNHEALTHY":
        sentences.append(f"container {culprit.name} failed its health check")
    if culprit.reason and culprit.reason not in task.stopped_reason:
        sentences.append(culprit.reason)
    return sentences


def _log_tail(aws: Aws, task: Task, culprit: TaskContainer | None) -> list[str]:
    if culprit is None:
        return []
    lines = last_lines(aws, task.task_definition, culprit.name, task.id)
    return [f"the last lines of {culprit.name}:", *(f"  {line}" for line in lines)] if lines else []


def last_lines(
    aws: Aws, task_definition: str, container: str, task: str, *, count: int = _LOG_LINES
) -> list[str]:
    """The last lines of the container's log, at most `count`; none if the log cannot be read."""
    try:
        with explain_errors("describe the task definition"):
            description = aws.client("ecs").describe_task_definition(taskDefinition=task_definition)
        options = _log_options(description["taskDefinition"], container)
        stream = f"{options['awslogs-stream-prefix']}/{container}/{task}"
        log = aws.client("logs").get_log_events(
            logGroupName=options["awslogs-group"], logStreamName=stream, limit=count, startFromHead=False
        )
    except (TandemError, ClientError, KeyError):
        return []
    return [plain(event["message"]).rstrip() for event in log["events"]][-count:]


def _log_options(task_definition: Mapping[str, Any], container: str) -> Mapping[str, str]:
    for item in task_definition["containerDefinitions"]:
        if item["name"] == container:
            options: Mapping[str, str] = item["logConfiguration"]["options"]
            return options
    raise KeyError(container)
