"""The exec verb: an interactive command in a running container, with an entry in the trail.

In AWS it is ECS Exec, which the platform's variable `exec` switches on. The local stack's containers are
Docker's.
"""

import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence

from pipeline.aws.ecs import Task, read_service
from pipeline.aws.exec_session import PLUGIN, ExecTarget, open_exec_session
from pipeline.core.errors import TandemError
from pipeline.core.values import Source
from pipeline.deploy.session import Session
from pipeline.deploy.store import Outcome

_SHOWN = 500  # characters of a command in the trail
_INSTALL = "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html"
RunProgram = Callable[[Sequence[str]], int]


def run_program(argv: Sequence[str]) -> int:
    """Run a program with this terminal; its exit code."""
    return subprocess.run(argv, check=False).returncode


def execute(
    session: Session,
    source: Source,
    command: Sequence[str],
    *,
    task_id: str = "",
    run: RunProgram = run_program,
) -> int:
    """Run `command` in a running container of `source`, of the newest task unless `task_id` names one.

    Returns the exit code of the program that connects: Docker's is the command's, that of AWS's plugin is
    its own.

    Raises:
        TandemError: no such task runs, Exec is off, or the plugin is not installed.
    """
    target = find_target(session, source, task_id)
    if not session.is_local:
        _require_exec(session, source)
    words = shlex.join(command)[:_SHOWN]
    session.store.record(0, Outcome.EXEC, f"{words}: in {target.container} of task {target.task[:8]}")
    return run(_connection(session, target, command))


def _connection(session: Session, target: ExecTarget, command: Sequence[str]) -> list[str]:
    """The command that connects this terminal to the container."""
    if session.is_local:
        terminal = ["--interactive", *(["--tty"] if sys.stdin.isatty() else [])]
        return ["docker", "exec", *terminal, target.runtime_id, *command]
    return open_exec_session(session.aws, target, command)


def find_target(session: Session, source: Source, task_id: str = "") -> ExecTarget:
    """The running container of `source`.

    Raises:
        TandemError: no task runs, or none whose id begins with `task_id`.
    """
    platform = session.platform
    service = platform.api_service_name if source is Source.API else platform.service_name
    tasks = read_service(session.aws, platform.cluster_name, service).tasks
    running = [task for task in tasks if task.status == "RUNNING" and task.id.startswith(task_id)]
    if not running:
        what = f"task {task_id}" if task_id else "task"
        raise TandemError(f"no {what} of {service} runs", hint=f"tandem status --env {session.environment}")
    return _target(platform.cluster_name, source, max(running, key=_started), session.environment)


def _started(task: Task) -> float:
    created_at = task.times.get("createdAt")
    return created_at.timestamp() if created_at else 0.0


def _target(cluster: str, source: Source, task: Task, environment: str) -> ExecTarget:
    running = (item for item in task.containers if item.name == source.value and item.status == "RUNNING")
    container = next(running, None)
    if container is None or not container.runtime_id:
        raise TandemError(
            f"task {task.id[:8]} has no running container {source}: only app and api go on running",
            hint=f"tandem status --env {environment}",
        )
    return ExecTarget(cluster, task.id, container.name, container.runtime_id)


def _require_exec(session: Session, source: Source) -> None:
    if not session.platform.exec.get(source.value):
        raise TandemError(
            f"nobody may run commands in the tasks of {source}: exec is off in {session.environment}",
            hint=f'set exec = "{source}" in terraform/envs/{session.environment}.tfvars, then'
            f" make apply ENV={session.environment}",
        )
    if not shutil.which(PLUGIN):
        raise TandemError(f"{PLUGIN} is not on PATH: it connects to the task", hint=f"install it: {_INSTALL}")
