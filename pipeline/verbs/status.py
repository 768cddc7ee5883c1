"""tandem status: what runs."""

import json
from dataclasses import asdict

from pipeline.local.stack import Stack
from pipeline.local.status import ServiceStatus, Status
from pipeline.verbs.options import HERE, JsonOption, ProjectOption, open_project


def status(project: ProjectOption = HERE, as_json: JsonOption = False) -> None:  # noqa: FBT002 - a flag
    """Say what runs on this machine."""
    found = Stack.of(open_project(project)).status()
    print(json.dumps(asdict(found), indent=2) if as_json else _told(found))


def _told(found: Status) -> str:
    if not found.running:
        return "the stack is down; next: tandem up"
    services = [line for service in found.services for line in _service(service)]
    functions = [
        f"function {function.name}: versions {', '.join(function.versions) or 'none'}"
        for function in found.functions
    ]
    return "\n".join([f"url      {found.url}", f"registry {found.registry}", *services, *functions])


def _service(service: ServiceStatus) -> list[str]:
    head = f"service  {service.name}: {service.running} of {service.desired} tasks run"
    tasks = [
        f"  task {task.id[:8]} {task.status} {task.health} "
        + ", ".join(f"{container.name} {container.status}" for container in task.containers)
        for task in service.tasks
    ]
    return [head, *tasks, *([f"  {service.last_event}"] if service.last_event else [])]
