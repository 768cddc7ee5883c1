"""The verb `compare serving`: start or continue a comparison of serving on this machine's Docker."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace

from pipeline.compare import experiment_run
from pipeline.compare.build_plan import OWN
from pipeline.compare.experiment import ExperimentPlan, TrialCell
from pipeline.compare.experiment_run import Figures, Measure, Report, RunningExperiment
from pipeline.compare.serving import load, own_content
from pipeline.compare.serving.answers import require_equal_answers
from pipeline.compare.serving.balancer import Balancer, running_balancer
from pipeline.compare.serving.figures import CPU, REQUESTS, SERVING
from pipeline.compare.serving.load import Load
from pipeline.compare.serving.measured_site import build_images, own_project, project_with_content
from pipeline.compare.serving.workloads import Requests, Workload, requests
from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.settings import Project
from pipeline.core.values import Layout
from pipeline.deploy.session import Session
from pipeline.images.bases.provide import Bases
from pipeline.local import cleanup
from pipeline.local.measured_task import RunningTask, cpu_seconds, running_task, task_definition
from pipeline.local.measurement_context import MeasurementContext, measurement_context, remove_leftovers
from pipeline.local.stack import docker_client

_KIND = replace(SERVING, tools=load.wrk_version)
_WARM_UP_SECONDS = 1


def start(session: Session, plan: ExperimentPlan, report: Report) -> RunningExperiment:
    """Measure everything that `plan` asks for; workloads for which the own content has no file are left out.

    Raises:
        TandemError: another comparison runs, wrk is missing, or a layout does not serve.
    """
    plan = _with_files(session, plan)
    return experiment_run.start(session, _KIND, plan, _equipment(session), report)


def resume(session: Session, report: Report) -> RunningExperiment:
    """Continue the last comparison of serving that is not finished.

    Raises:
        TandemError: there is none, it was measured on another machine, or as for `start`.
    """
    return experiment_run.resume(session, _KIND, _equipment(session), report)


def _equipment(session: Session) -> Callable[[ExperimentPlan], AbstractContextManager[Measure]]:
    """What makes the site, its tasks and the load balancer, and removes them at the end."""

    @contextmanager
    def make(plan: ExperimentPlan) -> Iterator[Measure]:
        load.require_wrk()
        remove_leftovers(docker_client(), session.stack.id)
        with ExitStack() as exits:
            yield _serving(session, plan, exits).measure

    return make


@dataclass(frozen=True)
class _Bench:
    """Every task behind the load balancer."""

    context: MeasurementContext
    plan: ExperimentPlan
    tasks: Mapping[str, RunningTask]
    balancer: Balancer
    requests: Mapping[Workload, Requests]

    def measure(self, cell: TrialCell, is_warm_up: bool) -> Figures:  # noqa: FBT001 - as `Measure` has it
        """Put load on one task; the figures."""
        task, options = self.tasks[cell.variant], self.plan.options
        seconds = _WARM_UP_SECONDS if is_warm_up else int(options["seconds"])
        case_requests, host = self.requests[Workload(cell.case)], Balancer.host(cell.variant)
        before = cpu_seconds(self.context, task.containers)
        figures = load.run(self.balancer.url, host, case_requests, Load(int(options["connections"]), seconds))
        cpu_used = cpu_seconds(self.context, task.containers) - before
        return {**figures, CPU.key: cpu_used / figures[REQUESTS]}


def _serving(session: Session, plan: ExperimentPlan, exits: ExitStack) -> _Bench:
    """One healthy task of each layout, and the load balancer; `exits` ends them."""
    ((label, count),) = plan.sizes
    stack, client, layouts = session.stack, docker_client(), tuple(map(Layout, plan.variants))
    files = own_content.own_files(session.project) if label == OWN else {}
    if label == OWN:
        project = own_project(session.project, sum(files.values()))
    else:
        project = exits.enter_context(project_with_content(session.project, label, count))
    exits.callback(stack.remove_images, "compare-")
    host = exits.enter_context(stack.temporary_registry())
    exits.callback(cleanup.remove_measured_images, client, stack.id)
    builder = replace(session.builder(), project=project, stack=f"{stack.id}/compare-serving")
    images = build_images(builder, f"{host}/{cleanup.measured_path(stack.id)}", layouts)
    context = measurement_context(stack, client, project)
    tasks = {}
    for layout in layouts:
        console.info(f"-> starting one task of {layout}")
        definition = task_definition(project.settings, layout, images, f"serving-{layout}")
        port = project.settings.task.port
        task = running_task(context, definition, builder.bases["busybox"], port)
        tasks[layout.value] = exits.enter_context(task)
    image = Bases.ensure(session.project, stack.id, names=("haproxy",))["haproxy"]
    balancer = exits.enter_context(running_balancer(context, tasks, image))
    workload_requests = _requests(plan, project, balancer, files)
    require_equal_answers(balancer, plan, workload_requests)
    return _Bench(context, plan, tasks, balancer, workload_requests)


def _requests(
    plan: ExperimentPlan, project: Project, balancer: Balancer, files: Mapping[str, int]
) -> Mapping[Workload, Requests]:
    """What is asked for, by workload; `files` are the own content's.

    Raises:
        TandemError: the own content has lost its last file for one, or is served nowhere.
    """
    cases = tuple(map(Workload, plan.cases))
    if not _is_own(plan):
        return {case: requests(case) for case in cases}
    choice = own_content.choose(files)
    if missing := [case for case in cases if case not in choice]:
        raise TandemError(
            f"the content has no file any more for {', '.join(missing)}", hint=f"{SERVING.command} --size own"
        )
    chosen_files = {path: files[path] for case in cases for path in choice[case]}
    prefix = own_content.find_prefix(balancer, plan.variants[0], project, chosen_files)
    return {case: own_content.requests(choice[case], case, prefix) for case in cases}


def _with_files(session: Session, plan: ExperimentPlan) -> ExperimentPlan:
    """The plan with the workloads for which the own content has a file.

    Raises:
        TandemError: it has none for any of them.
    """
    if not _is_own(plan):
        return plan
    choice = own_content.choose(own_content.own_files(session.project))
    cases = tuple(case for case in plan.cases if Workload(case) in choice)
    for case in plan.cases:
        if case not in cases:
            console.info(f"left out: {case}, the content has no file for it", style="yellow")
    if not cases:
        raise TandemError(
            f"the content has no file for {', '.join(plan.cases)}", hint="tandem compare serving --size own"
        )
    return replace(plan, cases=cases)


def _is_own(plan: ExperimentPlan) -> bool:
    return plan.sizes[0][0] == OWN
