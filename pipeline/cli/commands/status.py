"""tandem status: the status of an environment."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from pipeline.cli.options import HERE, LOCAL, EnvOption, JsonOption, ProjectOption, open_project, open_session
from pipeline.core import console

if TYPE_CHECKING:
    from pipeline.deploy.session import Session
    from pipeline.deploy.status import EnvironmentStatus
    from pipeline.local.stack_status import StackStatus


def status(project: ProjectOption = HERE, env: EnvOption = LOCAL, as_json: JsonOption = False) -> None:  # noqa: FBT002 - a flag
    """Show the status of an environment: released, running, drift.

    Shows the release, its tasks with their containers, its API, the holder of the lock, and changes by hand.
    Also shows what needs a look: a release that was cut off, the last failure since the last success, heads
    that are not released yet, and the failed requests of the last minutes.
    """
    from pipeline.local.stack import Stack
    from pipeline.triggers.queue import Queue

    stack = Stack.of(open_project(project)).status() if env == LOCAL else None
    if stack and not stack.running:
        console.out(json.dumps({"stack": asdict(stack)}, indent=2) if as_json else _DOWN)
        return
    environment = _read(open_session(project, env))
    waiting = Queue.of(open_project(project), env).waiting()
    if as_json:
        values = {
            **(environment.to_dict() if environment else {}),
            **({"stack": asdict(stack)} if stack else {}),
            "waiting": len(waiting),
        }
        console.out(json.dumps(values, indent=2))
        return
    lines = environment.lines() if environment else [f"{env} has no platform yet; next: make apply ENV={env}"]
    lines += [f"waiting  {len(waiting)} triggers; tandem reconcile --env {env}"] if waiting else []
    console.out("\n".join([*lines, *(_stack_lines(stack) if stack else [])]))


_DOWN = "the stack is down; next: tandem up"


def _read(session: "Session") -> "EnvironmentStatus | None":
    from pipeline.deploy.status import read_status

    if not session.platform_root.output():
        return None
    return read_status(
        session.aws,
        session.environment,
        session.url,
        session.platform,
        session.store,
        session.heads,
        session.unmet,
    )


def _stack_lines(stack: "StackStatus") -> list[str]:
    """What only the local stack can show."""
    return [f"registry {stack.registry}"]
