"""tandem status: what runs."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from pipeline.cli.options import HERE, JsonOption, ProjectOption, open_project, session
from pipeline.deploy import status as standing
from pipeline.deploy.session import LOCAL, Session
from pipeline.local.stack import Stack
from pipeline.local.stack_status import ServiceStatus, StackStatus

_Env = Annotated[str, typer.Option("--env", envvar="TANDEM_ENV", help="Which environment to look at.")]


def status(project: ProjectOption = HERE, env: _Env = LOCAL, as_json: JsonOption = False) -> None:  # noqa: FBT002 - a flag
    """Say what runs: the release, its tasks and API, who is at work, and what someone changed by hand."""
    opened = open_project(project)
    stack = Stack.of(opened).status() if env == LOCAL else None
    if stack and not stack.running:
        print(json.dumps({"stack": asdict(stack)}, indent=2) if as_json else _DOWN)
        return
    found = _standing(session(opened, env))
    if as_json:
        values = {**(found.to_dict() if found else {}), **({"stack": asdict(stack)} if stack else {})}
        print(json.dumps(values, indent=2))
        return
    lines = found.lines() if found else [f"there is no platform in {env} yet; next: make apply ENV={env}"]
    print("\n".join([*lines, *(_told(stack) if stack else [])]))


_DOWN = "the stack is down; next: tandem up"


def _standing(at: Session) -> standing.Standing | None:
    if not at.platform_root.output():
        return None
    return standing.look(at.environment, at.url, at.platform, at.store)


def _told(found: StackStatus) -> list[str]:
    """What only the local stack can tell: its own parts, and each container."""
    services = [line for service in found.services for line in _service(service)]
    return [f"registry {found.registry}", *services]


def _service(service: ServiceStatus) -> list[str]:
    head = f"service  {service.name}: {service.running} of {service.desired} tasks run"
    tasks = [
        f"  task {task.id[:8]} {task.status} {task.health} "
        + ", ".join(f"{container.name} {container.status}" for container in task.containers)
        for task in service.tasks
    ]
    return [head, *tasks, *([f"  {service.last_event}"] if service.last_event else [])]
