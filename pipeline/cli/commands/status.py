"""tandem status: the status of an environment."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from pipeline.cli.options import HERE, EnvOption, JsonOption, ProjectOption, open_project, open_session

if TYPE_CHECKING:
    from pipeline.deploy.session import Session
    from pipeline.deploy.status import Standing
    from pipeline.local.stack_status import ServiceStatus, StackStatus


def status(project: ProjectOption = HERE, env: EnvOption = "local", as_json: JsonOption = False) -> None:  # noqa: FBT002 - a flag
    """Show the status of an environment: released, running, drift.

    Shows the release, its tasks and API, the holder of the lock, and what was changed by hand. For the local
    environment it also lists each task with its containers.
    """
    from pipeline.deploy.session import LOCAL
    from pipeline.local.stack import Stack

    stack = Stack.of(open_project(project)).status() if env == LOCAL else None
    if stack and not stack.running:
        print(json.dumps({"stack": asdict(stack)}, indent=2) if as_json else _DOWN)
        return
    standing = _read(open_session(project, env))
    if as_json:
        values = {
            **(standing.to_dict() if standing else {}),
            **({"stack": asdict(stack)} if stack else {}),
        }
        print(json.dumps(values, indent=2))
        return
    lines = standing.lines() if standing else [f"{env} has no platform yet; next: make apply ENV={env}"]
    print("\n".join([*lines, *(_stack_lines(stack) if stack else [])]))


_DOWN = "the stack is down; next: tandem up"


def _read(session: "Session") -> "Standing | None":
    from pipeline.deploy.status import look

    if not session.platform_root.output():
        return None
    return look(session.environment, session.url, session.platform, session.store)


def _stack_lines(stack: "StackStatus") -> list[str]:
    """What only the local stack can show: its registry and each container."""
    services = [line for service in stack.services for line in _service_lines(service)]
    return [f"registry {stack.registry}", *services]


def _service_lines(service: "ServiceStatus") -> list[str]:
    head = f"service  {service.name}: {service.running} of {service.desired} tasks run"
    tasks = [
        f"  task {task.id[:8]} {task.status} {task.health} "
        + ", ".join(f"{container.name} {container.status}" for container in task.containers)
        for task in service.tasks
    ]
    return [head, *tasks, *([f"  {service.last_event}"] if service.last_event else [])]
