"""Measure one layout once: start a task from a store without its images, scale to four, stop all."""

import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pipeline.compare.build_plan import OWN
from pipeline.compare.experiment import ExperimentPlan, TrialCell
from pipeline.compare.experiment_run import Figures, Measure
from pipeline.compare.measured_settings import require_content_of_files
from pipeline.compare.start.figures import ASKED, FAILED, P99, PULLED, RATE, SCALE_COPY, SCALED, SERVES, TASKS
from pipeline.compare.start.layout_images import ImageSupply, LayoutImages
from pipeline.compare.start.load import bounded_load, responds
from pipeline.compare.start.phases import start_phases
from pipeline.compare.start.service import LOG_GROUP, Edge, MeasuredService, make_edge, times_of
from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.settings import Project, TaskSettings
from pipeline.core.values import Layout
from pipeline.deploy.session import Session
from pipeline.images.bases.provide import Bases
from pipeline.local.context import LABEL, REGION
from pipeline.local.examples import bulk_content
from pipeline.local.small_stack import SmallStack, small_stack
from pipeline.local.waiting import wait_until
from render.model import Logs, RenderInput

_ROLE = "arn:aws:iam::123456789012:role/start"
_LEAST_SECONDS, _BYTES_A_SECOND = 120.0, 4e6
"""How long a task may take: the least, and its bytes at this rate more."""
_SMALL, _FILES = 100_000, 8
_HEALTH = "/healthz"
"""Where the example app answers health checks."""
_READY_SECONDS = 20.0


@contextmanager
def equipment(session: Session, plan: ExperimentPlan) -> Iterator[Measure]:
    """A small stack for the whole comparison, and images of the current size.

    Raises:
        TandemError: Docker does not answer, or a base image is missing.
    """
    stack, mark = session.stack, uuid.uuid4().hex[:12]
    name = stack.small_id
    bases = Bases.ensure(session.project, stack.id, names=("busybox", "haproxy"))
    with tempfile.TemporaryDirectory(prefix="tandem-start-") as folder:
        project = Project(Path(folder), session.project.settings)
        with small_stack(project, name, pause=bases["busybox"], haproxy=bases["haproxy"]) as small:
            task = task_settings(session.project, plan)
            edge = make_edge(small, task.port, task.health_path)
            require_load_balancer(small.port)
            supply = ImageSupply(session, mark, {f"{LABEL}.stack": name}, small.remove_images)
            try:
                yield partial(measure, Trials(edge, supply, task, plan))
            finally:
                supply.close()


def require_load_balancer(port: int) -> None:
    """Wait until the load balancer answers, by an error as long as there is no task.

    Raises:
        TandemError: it does not.
    """
    if not wait_until(lambda: responds(port), _READY_SECONDS):
        raise TandemError(
            f"the load balancer of the measurement does not answer on 127.0.0.1:{port}", hint="docker ps -a"
        )


@dataclass(frozen=True)
class Trials:
    """What all trials of a comparison share."""

    edge: Edge
    supply: ImageSupply
    task: TaskSettings
    plan: ExperimentPlan

    @property
    def stack(self) -> SmallStack:
        return self.edge.stack


def measure(trials: Trials, cell: TrialCell, is_warm_up: bool) -> Figures:  # noqa: FBT001 - `Measure` says so
    """Measure the cell once. The warm-up builds its images; it starts a task of the smallest size only.

    Raises:
        TandemError: an image cannot be built, a task does not start, or the store had its layers.
    """
    layout = Layout(cell.variant)
    if is_warm_up:
        console.info(f"-> building what {cell.variant} runs with {cell.size} of content")
    images = trials.supply.of(cell.size, layout)
    if is_warm_up and cell.size != trials.plan.sizes[0][0]:
        return {SERVES.key: 0.0}
    most = _LEAST_SECONDS + images.bytes / _BYTES_A_SECOND
    trials.stack.pulls.clear()
    service = MeasuredService(
        trials.edge, f"s-{uuid.uuid4().hex[:8]}", _render_input(trials.task, layout, images)
    )
    try:
        figures = {PULLED: float(images.bytes), **_start_figures(trials.stack, service, most)}
        if not is_warm_up:
            paths = _paths(trials.task, dict(trials.plan.sizes)[cell.size])
            figures |= _scale_figures(trials, service, paths, most)
    finally:
        with suppress(TandemError):  # the trial's own error says more
            service.stop()
        trials.stack.remove_images(f"{images.host}/")
    return figures


def _start_figures(stack: SmallStack, service: MeasuredService, most: float) -> Figures:
    called_at = service.want(1)
    served_at = service.served(most)
    _require_cold(stack)
    phases = start_phases(called_at, served_at, times_of(service.tasks()[0]), stack.pulls.pulls)
    return {SERVES.key: served_at - called_at, **phases}


def _require_cold(stack: SmallStack) -> None:
    warm = [pull for pull in stack.pulls.pulls if not pull.is_cold]
    if warm or not stack.pulls.pulls:
        which = f"layers of {warm[0].repository}" if warm else "the task's images"
        raise TandemError(
            f"Docker's image store had {which} already, so this was no cold pull",
            hint=f"docker image ls --filter label={LABEL}.stack",
        )


def _scale_figures(trials: Trials, service: MeasuredService, paths: Sequence[str], most: float) -> Figures:
    rate = trials.plan.options[RATE]
    with bounded_load(trials.stack.port, paths, rate, int(rate * most)) as load:
        called_at = service.want(TASKS)
        scaled_at = service.scaled(TASKS, most)
    copies = [task.phases.get("copy", 0.0) for task in service.tasks()[1:]]
    return {
        SCALED.key: scaled_at - called_at,
        SCALE_COPY: max(copies, default=0.0),
        ASKED: float(load.requests),
        FAILED: float(load.failed),
        P99: load.p99,
    }


def task_settings(project: Project, plan: ExperimentPlan) -> TaskSettings:
    """The settings of the measured tasks: the project's, or for generated content the example's.

    Raises:
        TandemError: the project's own task needs secrets, which the measurement does not have.
    """
    own = project.settings.task
    if OWN not in dict(plan.sizes):
        example = {"health_path": _HEALTH, "environment": {}, "environment_files": (), "secrets": {}}
        return own.model_copy(update={**example, "read_only": True})
    if len(plan.sizes) > 1:
        raise TandemError(
            "`own` is measured alone: its tasks have other settings than those with generated content",
            hint="tandem compare start --size own",
        )
    if {*plan.variants} - {Layout.MONOLITH}:
        require_content_of_files(project, 'tandem compare start --size "150 MB"')
    if own.secrets or own.environment_files:
        raise TandemError(
            "tasks of your own sources cannot be started for a measurement: [task] in tandem.toml has secrets"
            " or environment files",
            hint='tandem compare start --size "150 MB"',
        )
    return own


def _render_input(task: TaskSettings, layout: Layout, images: LayoutImages) -> RenderInput:
    return RenderInput(
        family="start",
        layout=layout.value,
        images=images.images,
        cpu=task.cpu,
        memory=task.memory,
        architecture=task.architecture,
        port=task.port,
        health_path=task.health_path,
        content_path=task.content_path,
        execution_role_arn=_ROLE,
        task_role_arn=_ROLE,
        logs=Logs(group=LOG_GROUP, region=REGION),
        environment=task.environment,
        read_only=task.read_only,
    )


def _paths(task: TaskSettings, total: int) -> list[str]:
    """The paths that the load asks for: the first page, and small files of generated content."""
    if not total:
        return [task.health_path]
    files = (file for file in bulk_content.files(total) if file.size < _SMALL)
    return ["/", *(f"/static/{file.path}" for _, file in zip(range(_FILES), files, strict=False))]
