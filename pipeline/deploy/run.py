"""The run verb: run a command once, with the released API's image, settings, network and role.

The task definition is the release root's (`terraform/release/run.tf`). The trail says who ran which command,
when, and how it ended.
"""

import shlex
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pipeline.aws.ecs import Task
from pipeline.aws.log_events import read_events
from pipeline.aws.one_off_task import TaskNetwork, find_revision, read_task, run_task, stop_task
from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.plain_text import plain
from pipeline.deploy.plan import require_current
from pipeline.deploy.session import Session
from pipeline.deploy.store import Outcome

_CONTAINER = "run"
_STARTED_BY = "tandem"
_SHOWN = 500  # characters of a command in the trail
_QUIET = 3  # seconds without a new line after which CloudWatch has shown the whole log
_MOST_WAIT = 20  # seconds after the task's end


def find_released(session: Session) -> str:
    """The ARN of the task definition revision that a command would run with.

    Raises:
        TandemError: nothing was released yet, or the release has none.
    """
    release, family = require_current(session), session.platform.run_family
    image = str(release.require_api().image)
    revision = find_revision(session.aws, family, image) if family else None
    if revision is None:
        raise TandemError(
            f"{release.title} has no task definition for commands: it was applied by an older Tandem",
            hint=f"make apply ENV={session.environment}",
        )
    return revision


def run(
    session: Session,
    command: Sequence[str],
    *,
    timeout: float,
    output: Callable[[str], None] = print,
    pause: Callable[[float], None] = time.sleep,
) -> int:
    """Run `command` in a task of the released API, pass each line that it writes to `output`, and wait.

    The task is stopped after `timeout` seconds, and on Ctrl-C. Returns the command's exit code.

    Raises:
        TandemError: ECS starts no task, the container does not start, or the time is over.
    """
    revision = find_released(session)
    words = shlex.join(command)[:_SHOWN]
    # Recorded first: no command runs without an entry.
    session.store.record(0, Outcome.RUN, f"{words}: starts, {revision.rpartition('/')[2]}")
    ending = "was not watched to its end"
    try:
        task = _start(session, revision, command, output)
        ending, code = _wait(task, timeout, pause)
    except TandemError as error:
        ending = error.message
        raise
    finally:
        session.store.record(0, Outcome.RUN, f"{words}: {ending}")
    return code


def _start(
    session: Session, revision: str, command: Sequence[str], output: Callable[[str], None]
) -> "_RunningTask":
    platform = session.platform
    network = TaskNetwork(
        platform.service_subnet_ids, platform.api_task_security_group_ids, platform.service_assign_public_ip
    )
    arn = run_task(
        *(session.aws, platform.cluster_name, revision, network, command),
        container=_CONTAINER,
        started_by=_STARTED_BY,
    )
    return _RunningTask(session, arn, output)


@dataclass
class _RunningTask:
    """The task, and what of its log has been shown."""

    session: Session
    arn: str
    output: Callable[[str], None]
    began: datetime = field(default_factory=lambda: datetime.now(UTC) - timedelta(minutes=1))
    shown_ids: set[str] = field(default_factory=set)

    @property
    def id(self) -> str:
        return self.arn.rpartition("/")[2]

    @property
    def short(self) -> str:
        return self.id[:8]

    def read(self) -> Task:
        task = read_task(self.session.aws, self.session.platform.cluster_name, self.arn)
        if task is None:
            raise TandemError(
                f"ECS does not know the task {self.id} any more",
                hint=f"tandem history --env {self.session.environment}",
            )
        return task

    def stop(self, reason: str) -> None:
        stop_task(self.session.aws, self.session.platform.cluster_name, self.arn, reason)

    def show_log(self) -> int:
        """Show the new lines; their number."""
        lines = list(self._new_lines())
        for line in lines:
            self.output(plain(line))
        return len(lines)

    def _new_lines(self) -> Iterator[str]:
        group, stream = self.session.platform.api_log_group, f"run/{_CONTAINER}/{self.id}"
        for event in read_events(self.session.aws, group, stream, self.began):
            if event.id not in self.shown_ids:
                self.shown_ids.add(event.id)
                yield event.text


def _wait(task: _RunningTask, timeout: float, pause: Callable[[float], None]) -> tuple[str, int]:
    """Show the log until the task ends; how it ended, for the trail, and the exit code."""
    try:
        snapshot = _watch(task, timeout, pause)
    except (KeyboardInterrupt, SystemExit):
        task.stop("interrupted")
        raise
    _show_rest(task, pause)
    return _exit_code(task, snapshot)


def _watch(task: _RunningTask, timeout: float, pause: Callable[[float], None]) -> Task:
    waited, status = 0, ""
    while (snapshot := task.read()).status != "STOPPED":
        if snapshot.status != status:
            status = snapshot.status
            console.info(f"   task {task.short} is {status}")
        task.show_log()
        if waited >= timeout:
            _stop_late(task, timeout)
        pause(1)
        waited += 1
    return snapshot


def _stop_late(task: _RunningTask, timeout: float) -> None:
    task.stop(f"its {timeout:.0f} s are over")
    raise TandemError(
        f"the command did not end within {timeout:.0f} s: task {task.short} is being stopped",
        hint=f"tandem run --env {task.session.environment} --timeout {2 * timeout:.0f} -- COMMAND",
    )


def _show_rest(task: _RunningTask, pause: Callable[[float], None]) -> None:
    """Show the end of the log. The local stack has written it; CloudWatch shows it some seconds later."""
    quiet = 0
    for _ in range(_MOST_WAIT):
        quiet = 0 if task.show_log() else quiet + 1
        if task.session.is_local or quiet >= _QUIET:
            return
        pause(1)


def _exit_code(task: _RunningTask, snapshot: Task) -> tuple[str, int]:
    """How the task ended, and its container's exit code; TandemError if it has none."""
    container = next(item for item in snapshot.containers if item.name == _CONTAINER)
    if container.exit_code is None:
        reason = container.reason or snapshot.stopped_reason or "ECS gives no reason"
        raise TandemError(
            f"the command did not run: task {task.short}: {reason}",
            hint=f"tandem verify --env {task.session.environment}",
        )
    return f"exit code {container.exit_code}, task {task.short}", container.exit_code
